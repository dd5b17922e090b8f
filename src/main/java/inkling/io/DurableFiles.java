package inkling.io;

import inkling.errors.FileFaults;
import inkling.errors.StorageException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes the files that Inkling leaves for a user, except those that grow line by line ({@code metrics.csv}, logs). An error, kill -9 or a
 * power loss may interrupt a write. The target is then either as it was before, or the whole new file or directory.
 *
 * <p>The order of the operations ensures this:
 * <ol>
 * <li>Write a temporary file beside the target.
 * <li>Force it to the disk. A rename may reach the disk before the bytes, so without this a power loss could leave an empty file.
 * <li>Rename it.
 * <li>Force the directory to the disk. Without this, a save that was reported as done could vanish.
 * </ol>
 *
 * <p>Faults of the operating system become {@link StorageException}s that name the file and the reason. Half-written files are then
 * removed, if that is possible.
 */
public final class DurableFiles {
    /** Writes to the file system itself. */
    public static final DurableFiles SYSTEM = new DurableFiles(FileOps.SYSTEM);

    private static final int BUFFER_BYTES = 1 << 16;

    private final FileOps ops;

    public DurableFiles(FileOps ops) {
        this.ops = ops;
    }

    /** As {@link #write(Path, Content)}, for bytes in memory. */
    public void write(Path file, byte[] bytes) {
        write(file, Content.of(bytes));
    }

    /**
     * Creates or replaces one file. A symbolic link stays a link: the file it leads to is replaced.
     *
     * @return size and hash of what was written
     */
    public Manifest.Entry write(Path file, Content content) {
        try {
            Path target = replaceable(file);
            Path temporary = TemporaryName.beside(target);
            Manifest.Entry written;
            try {
                written = writeForced(temporary, content);
                ops.move(temporary, target);
            } catch (IOException | RuntimeException e) {
                discard(temporary, e);
                throw e;
            }
            ops.forceDirectory(parentOf(target));
            return written;
        } catch (IOException e) {
            throw FileFaults.cannot("write", file, e);
        }
    }

    /**
     * Creates the directory {@code target}, which must not exist, with these files and a {@link Manifest} of them.
     *
     * @param files plain file names; written in the map's order
     */
    public void writeDirectory(Path target, Map<String, Content> files) {
        writeDirectory(target, files, temporary -> fill(temporary, files));
    }

    /** As {@link #writeDirectory}, without a manifest. It is for a directory whose files other programs may change later. */
    public void writeUnlistedDirectory(Path target, Map<String, Content> files) {
        writeDirectory(target, files, temporary -> {
            for (Map.Entry<String, Content> file : files.entrySet()) {
                writeForced(temporary.resolve(file.getKey()), file.getValue());
            }
        });
    }

    private interface Filling {
        void into(Path directory) throws IOException;
    }

    private void writeDirectory(Path target, Map<String, Content> files, Filling filling) {
        files.keySet().forEach(Manifest::requirePlainName);
        try {
            if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
                throw new FileAlreadyExistsException(target.toString());
            }
            Path temporary = TemporaryName.beside(target);
            try {
                ops.createDirectory(temporary);
                filling.into(temporary);
                ops.forceDirectory(temporary);
                ops.move(temporary, target);
            } catch (IOException | RuntimeException e) {
                discard(temporary, e);
                throw e;
            }
            ops.forceDirectory(parentOf(target));
        } catch (IOException e) {
            throw FileFaults.cannot("write", target, e);
        }
    }

    /** Creates {@code directory} and its missing parents so that they survive a power loss. Nothing happens if the directory exists. */
    public void createDirectories(Path directory) {
        Path absolute = directory.toAbsolutePath().normalize();
        if (Files.isDirectory(absolute)) {
            return;
        }
        if (absolute.getParent() != null) {
            createDirectories(absolute.getParent());
        }
        try {
            ops.createDirectory(absolute);
            ops.forceDirectory(parentOf(absolute));
        } catch (IOException e) {
            if (!(e instanceof FileAlreadyExistsException && Files.isDirectory(absolute))) {   // another process was faster
                throw FileFaults.cannot("create", directory, e);
            }
        }
    }

    /**
     * Deletes a directory and everything in it; links are deleted, not followed. The directory first gets a temporary name, in one step. If
     * a crash interrupts the deletion, a later {@link #sweep} removes the rest. Nothing happens if the directory does not exist.
     */
    public void deleteDirectory(Path directory) {
        if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try {
            Path doomed = TemporaryName.beside(directory);
            ops.move(directory, doomed);
            ops.forceDirectory(parentOf(directory));
            deleteTree(doomed);
        } catch (IOException e) {
            throw FileFaults.cannot("delete", directory, e);
        }
    }

    /** Deletes a directory if it is empty. Nothing happens if it has entries or does not exist. */
    public void deleteIfEmpty(Path directory) {
        try {
            if (Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS) && ops.list(directory).isEmpty()) {
                ops.delete(directory);
            }
        } catch (DirectoryNotEmptyException e) {
            return;   // another process has just put something there
        } catch (IOException e) {
            throw FileFaults.cannot("delete", directory, e);
        }
    }

    /**
     * Removes the files and directories that dead processes left half written or half deleted in {@code parent}. Hold the
     * {@link DirectoryLock} of {@code parent}, or of the run to which it belongs, during the call.
     *
     * @return what was removed
     */
    public List<Path> sweep(Path parent) {
        List<Path> removed = new ArrayList<>();
        try {
            for (Path entry : ops.list(parent)) {
                if (TemporaryName.isLeftOver(entry)) {
                    deleteTree(entry);
                    removed.add(entry);
                }
            }
        } catch (IOException e) {
            throw FileFaults.cannot("tidy up", parent, e);
        }
        return removed;
    }

    /**
     * Whether {@code path} has a temporary name: a file or directory that is being written or deleted, or that a crash left. Readers skip
     * such paths.
     */
    public static boolean isTemporary(Path path) {
        return TemporaryName.matches(path);
    }

    private void fill(Path directory, Map<String, Content> files) throws IOException {
        Map<String, Manifest.Entry> entries = new LinkedHashMap<>();
        for (Map.Entry<String, Content> file : files.entrySet()) {
            entries.put(file.getKey(), writeForced(directory.resolve(file.getKey()), file.getValue()));
        }
        writeForced(directory.resolve(Manifest.FILE_NAME), Content.of(new Manifest(Manifest.FORMAT_VERSION, entries).bytes()));
    }

    private Manifest.Entry writeForced(Path file, Content content) throws IOException {
        try (FileOps.OpenFile open = ops.create(file)) {
            MessageDigest sha256 = Sha256.digest();
            Sink sink = new Sink(open);
            OutputStream out = new DigestOutputStream(new BufferedOutputStream(sink, BUFFER_BYTES), sha256);
            content.writeTo(out);
            out.flush();
            open.force();
            return new Manifest.Entry(Sha256.hex(sha256), sink.bytes);
        }
    }

    /**
     * The file to replace. Directories are refused. Devices such as /dev/stdout are refused too: a rename would put a plain file in their
     * place.
     */
    private static Path replaceable(Path file) throws IOException {
        if (!Files.exists(file)) {
            if (Files.isSymbolicLink(file)) {
                throw new StorageException("cannot write %s: it is a symbolic link to a file that does not exist.".formatted(file));
            }
            return file;
        }
        if (!Files.isRegularFile(file)) {
            throw new StorageException("cannot write %s: it is %s; name a file.".formatted(file,
                    Files.isDirectory(file) ? "a directory" : "a device, FIFO or socket"));
        }
        return Files.isSymbolicLink(file) ? file.toRealPath() : file;
    }

    private static Path parentOf(Path path) {
        return path.toAbsolutePath().getParent();
    }

    private void discard(Path temporary, Exception cause) {
        try {
            if (Files.exists(temporary, LinkOption.NOFOLLOW_LINKS)) {
                deleteTree(temporary);
            }
        } catch (IOException e) {
            cause.addSuppressed(e);   // the caller reports the first fault; a later sweep can remove what is left
        }
    }

    private void deleteTree(Path path) throws IOException {
        if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
            for (Path entry : ops.list(path)) {
                deleteTree(entry);
            }
        }
        ops.delete(path);
    }

    /** An open file as a stream that counts its bytes. */
    private static final class Sink extends OutputStream {
        private final FileOps.OpenFile file;
        private long bytes;

        Sink(FileOps.OpenFile file) {
            this.file = file;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] source, int offset, int length) throws IOException {
            file.write(ByteBuffer.wrap(source, offset, length));
            bytes += length;
        }
    }
}
