package inkling.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The file system with a fault: operation k fails, or the process dies at operation k, or the disk is full after n bytes. It works on real
 * files below {@code root}. In memory, it keeps what a disk would hold after a power loss: only forced bytes, and either only forced names
 * or all names. (A disk may write names before or after bytes.)
 */
public final class FaultyFileOps implements FileOps {
    /** Ends the simulated process. It is an Error: a handler of exceptions must not tidy up, since a dead process cannot. */
    public static final class ProcessDied extends Error {
        private static final long serialVersionUID = 1;
    }

    private enum Fault { NONE, FAIL, DIE }

    private final Path root;
    private final Node disk;
    private final List<String> log = new ArrayList<>();
    private Fault fault = Fault.NONE;
    private int faultAt = -1;
    private long freeBytes = Long.MAX_VALUE;
    private boolean dead;

    /** All that is below {@code root} now counts as forced. */
    public FaultyFileOps(Path root) throws IOException {
        this.root = root.toRealPath();
        this.disk = Node.of(this.root);
    }

    /** Operation {@code k} (from 0) throws an IOException and does nothing; those after it work. */
    public FaultyFileOps failAt(int k) {
        fault = Fault.FAIL;
        faultAt = k;
        return this;
    }

    /** The process ends as operation {@code k} begins, or in the middle of operation {@code k} if that is a write. */
    public FaultyFileOps dieAt(int k) {
        fault = Fault.DIE;
        faultAt = k;
        return this;
    }

    public FaultyFileOps fullAfter(long bytes) {
        freeBytes = bytes;
        return this;
    }

    /** The operations so far, each as a text, e.g. "create a", "write a 3", "force a", "move a b"; temporary names appear as TMP. */
    public List<String> log() {
        return List.copyOf(log);
    }

    /** Rewrites {@code root} to what the disk holds after a power loss: forced bytes, and forced names or all names. */
    public void losePower(boolean unforcedNamesSurvive) throws IOException {
        for (Path entry : SYSTEM.list(root)) {
            deleteTree(entry);
        }
        disk.writeTo(root, unforcedNamesSurvive);
    }

    @Override
    public OpenFile create(Path file) throws IOException {
        step("create " + name(file), false);
        OpenFile open = SYSTEM.create(file);
        Node node = new Node(new byte[0], null, null);
        parent(file).live.put(leaf(file), node);
        return new OpenFile() {
            @Override
            public void write(ByteBuffer bytes) throws IOException {
                int length = bytes.remaining();
                if (step("write " + name(file) + " " + length, true)) {
                    open.write(bytes.limit(bytes.position() + length / 2));
                    throw new ProcessDied();
                }
                if (length > freeBytes) {
                    open.write(bytes.limit(bytes.position() + (int) freeBytes));
                    freeBytes = 0;
                    throw new IOException("No space left on device");
                }
                freeBytes -= length;
                open.write(bytes);
            }

            @Override
            public void force() throws IOException {
                step("force " + name(file), false);
                node.forced = Files.readAllBytes(file);
            }

            @Override
            public void close() throws IOException {
                open.close();
            }
        };
    }

    @Override
    public void createDirectory(Path directory) throws IOException {
        step("mkdir " + name(directory), false);
        SYSTEM.createDirectory(directory);
        parent(directory).live.put(leaf(directory), new Node(null, new TreeMap<>(), new TreeMap<>()));
    }

    @Override
    public void move(Path from, Path to) throws IOException {
        step("move " + name(from) + " " + name(to), false);
        SYSTEM.move(from, to);
        parent(to).live.put(leaf(to), parent(from).live.remove(leaf(from)));
    }

    @Override
    public void forceDirectory(Path directory) throws IOException {
        step("forceDirectory " + name(directory), false);
        Node node = node(directory);
        node.durable.clear();
        node.durable.putAll(node.live);
    }

    @Override
    public void delete(Path path) throws IOException {
        step("delete " + name(path), false);
        SYSTEM.delete(path);
        parent(path).live.remove(leaf(path));
    }

    @Override
    public List<Path> list(Path directory) throws IOException {
        step("list " + name(directory), false);
        return SYSTEM.list(directory);
    }

    /** @return whether the process dies in the middle of this write */
    private boolean step(String operation, boolean write) throws IOException {
        if (dead) {
            throw new ProcessDied();
        }
        log.add(operation);
        if (log.size() - 1 != faultAt || fault == Fault.NONE) {
            return false;
        }
        if (fault == Fault.FAIL) {
            throw new IOException("Input/output error");
        }
        dead = true;
        if (write) {
            return true;
        }
        throw new ProcessDied();
    }

    private String name(Path path) {
        String name = root.relativize(path.toAbsolutePath()).toString().replace('\\', '/');
        return name.isEmpty() ? "." : name.replaceAll("\\.tmp-[^/]*", "TMP");
    }

    private Node node(Path path) {
        Node node = disk;
        for (Path part : root.relativize(path.toAbsolutePath())) {
            node = part.toString().isEmpty() ? node : node.live.get(part.toString());
        }
        return node;
    }

    private Node parent(Path path) {
        return node(path.toAbsolutePath().getParent());
    }

    private static String leaf(Path path) {
        return path.getFileName().toString();
    }

    private static void deleteTree(Path path) throws IOException {
        if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
            for (Path entry : SYSTEM.list(path)) {
                deleteTree(entry);
            }
        }
        Files.delete(path);
    }

    /** A file (its forced bytes) or a directory (its names as programs see them, and as they are forced). */
    private static final class Node {
        private byte[] forced;
        private final Map<String, Node> live;
        private final Map<String, Node> durable;

        Node(byte[] forced, Map<String, Node> live, Map<String, Node> durable) {
            this.forced = forced;
            this.live = live;
            this.durable = durable;
        }

        static Node of(Path path) throws IOException {
            if (!Files.isDirectory(path)) {
                return new Node(Files.readAllBytes(path), null, null);
            }
            Map<String, Node> names = new TreeMap<>();
            try (Stream<Path> entries = Files.list(path)) {
                for (Path entry : entries.toList()) {
                    names.put(leaf(entry), of(entry));
                }
            }
            return new Node(null, names, new TreeMap<>(names));
        }

        void writeTo(Path path, boolean unforcedNamesSurvive) throws IOException {
            Optional<Map<String, Node>> names = Optional.ofNullable(unforcedNamesSurvive ? live : durable);
            if (names.isEmpty()) {
                Files.write(path, forced);
                return;
            }
            Files.createDirectories(path);
            for (Map.Entry<String, Node> entry : names.get().entrySet()) {
                entry.getValue().writeTo(path.resolve(entry.getKey()), unforcedNamesSurvive);
            }
        }
    }
}
