package inkling.io;

import static inkling.Says.says;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.errors.ExitCode;
import inkling.errors.StorageException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DurableFilesTest {
    private static final String LARGE = "0123456789".repeat(20_000);   // more than the writer's buffer: several writes

    @TempDir Path dir;

    /** Work on files below a directory. */
    private interface Work {
        void run(DurableFiles files, Path root) throws IOException;
    }

    /** What must hold after the work, wherever it was interrupted. */
    private interface Invariant {
        void check(Path root, boolean finished) throws IOException;
    }

    @Test void theOrderOfOperationsMakesAFileDurable() throws IOException {
        FaultyFileOps ops = new FaultyFileOps(dir);
        new DurableFiles(ops).write(dir.toRealPath().resolve("last"), "step-1".getBytes(UTF_8));
        assertEquals(List.of("create TMP", "write TMP 6", "force TMP", "move TMP last", "forceDirectory ."), ops.log());
    }

    @Test void aDirectoryIsForcedFileByFileWithTheManifestLastAndThenRenamed() throws IOException {
        FaultyFileOps ops = new FaultyFileOps(dir);
        new DurableFiles(ops).writeDirectory(dir.toRealPath().resolve("step-1"), ordered("b", "12", "a", "3"));
        String manifest = "write TMP/manifest.json " + Files.size(dir.resolve("step-1/manifest.json"));
        assertEquals(List.of("mkdir TMP", "create TMP/b", "write TMP/b 2", "force TMP/b", "create TMP/a", "write TMP/a 1", "force TMP/a",
                "create TMP/manifest.json", manifest, "force TMP/manifest.json", "forceDirectory TMP", "move TMP step-1",
                "forceDirectory ."),
                ops.log());
    }

    @Test void aFileIsOldOrNewWheneverTheProcessOrThePowerFails() throws IOException {
        interruptEverywhere(root -> Files.writeString(root.resolve("f"), "old"), (files, root) -> files.write(root.resolve("f"),
                LARGE.getBytes(UTF_8)), (root, finished) -> {
                    String content = Files.readString(root.resolve("f"));
                    assertTrue(content.equals(LARGE) || !finished && content.equals("old"), "content of " + content.length());
                });
    }

    @Test void aNewDirectoryIsWholeOrAbsent() throws IOException {
        interruptEverywhere(root -> { }, (files, root) -> files.writeDirectory(root.resolve("d"), ordered("a", LARGE, "b", "x")),
                (root, finished) -> {
                    if (finished || Files.exists(root.resolve("d"))) {
                        assertWhole(root.resolve("d"), Map.of("a", LARGE, "b", "x"));
                    }
                });
    }

    @Test void aDeletedDirectoryIsWholeOrAbsent() throws IOException {
        interruptEverywhere(root -> {
            DurableFiles.SYSTEM.writeDirectory(root.resolve("d"), ordered("a", "1", "b", "2"));
            Files.createDirectories(root.resolve("d/extra/deep"));
        }, (files, root) -> files.deleteDirectory(root.resolve("d")), (root, finished) -> {
            if (Files.exists(root.resolve("d"))) {
                assertFalse(finished);
                assertWhole(root.resolve("d"), Map.of("a", "1", "b", "2"));
            }
        });
    }

    @Tag("thorough")
    @Test void aPointerAlwaysNamesAWholeDirectoryWhileCheckpointsComeAndGo() throws IOException {
        interruptEverywhere(root -> {
            DurableFiles.SYSTEM.writeDirectory(root.resolve("step-1"), ordered("weights", "one"));
            DurableFiles.SYSTEM.write(root.resolve("last"), "step-1".getBytes(UTF_8));
        }, (files, root) -> {
            files.writeDirectory(root.resolve("step-2"), ordered("weights", "two"));
            files.write(root.resolve("last"), "step-2".getBytes(UTF_8));
            files.deleteDirectory(root.resolve("step-1"));
        }, (root, finished) -> {
            String last = Files.readString(root.resolve("last"));
            assertTrue(last.equals("step-2") || !finished && last.equals("step-1"), last);
            assertWhole(root.resolve(last), Map.of("weights", last.equals("step-1") ? "one" : "two"));
        });
    }

    @Test void whereverAnOperationFailsTheUserIsToldAndNothingHalfWrittenStays() throws IOException {
        Work work = (files, root) -> files.writeDirectory(root.resolve("d"), ordered("a", LARGE, "b", "x"));
        int operations = operationsOf(work);
        for (int k = 0; k < operations; k++) {
            Path root = Files.createDirectory(dir.toRealPath().resolve("fail" + k));
            DurableFiles files = new DurableFiles(new FaultyFileOps(root).failAt(k));
            StorageException e = assertThrows(StorageException.class, () -> work.run(files, root));
            assertEquals("cannot write " + root.resolve("d") + ": Input/output error.", e.getMessage());
            boolean renamed = k == operations - 1;
            assertEquals(renamed ? List.of(root.resolve("d")) : List.of(), FileOps.SYSTEM.list(root), "operation " + k);
            assertEquals(renamed, Files.exists(root.resolve("d")));
        }
    }

    @Test void aFullDiskIsNamedAndTheOldFileStays() throws IOException {
        for (long free : new long[] {0, 1, 65_535, 65_536, 199_999}) {
            Path root = Files.createDirectory(dir.toRealPath().resolve("full" + free));
            Path file = Files.writeString(root.resolve("f"), "old");
            DurableFiles files = new DurableFiles(new FaultyFileOps(root).fullAfter(free));
            StorageException e = assertThrows(StorageException.class, () -> files.write(file, LARGE.getBytes(UTF_8)));
            says(e.getMessage(), "cannot write " + file, "full", "Free some space");
            assertEquals(ExitCode.CANNOT_READ_OR_WRITE, e.exitCode());
            assertEquals(List.of(file), FileOps.SYSTEM.list(root));
            assertEquals("old", Files.readString(file));
        }
    }

    @Test void aFaultOfTheContentLeavesNothingBehind() throws IOException {
        Path file = Files.writeString(dir.resolve("f"), "old");
        assertThrows(IllegalStateException.class, () -> DurableFiles.SYSTEM.write(file, out -> {
            out.write(1);
            throw new IllegalStateException("no content");
        }));
        assertEquals(List.of(file), FileOps.SYSTEM.list(dir));
        assertEquals("old", Files.readString(file));
    }

    @Test void devicesDirectoriesAndExistingTargetsAreNotReplaced() throws IOException {
        assertRefused(() -> DurableFiles.SYSTEM.write(dir, new byte[1]), "cannot write " + dir + ": it is a directory; name a file.");
        Path socket = dir.resolve("socket");
        try (ServerSocketChannel bound = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            bound.bind(UnixDomainSocketAddress.of(socket));
            assertRefused(() -> DurableFiles.SYSTEM.write(socket, new byte[1]), "it is a device, FIFO or socket; name a file.");
        }
        assertRefused(() -> DurableFiles.SYSTEM.write(dir.resolve("no/f"), new byte[1]),
                ": the directory " + dir.resolve("no") + " does not exist. Create");
        Path taken = Files.createDirectory(dir.resolve("taken"));
        assertRefused(() -> DurableFiles.SYSTEM.writeDirectory(taken, Map.of()), taken + " already exists.");
        for (String name : List.of("../x", "a/b", "", "..", "manifest.json", "C:x", ".tmp-x")) {
            assertThrows(IllegalArgumentException.class, () -> DurableFiles.SYSTEM.writeDirectory(dir.resolve("n"), ordered(name, "")));
        }
    }

    @Test void aLinkStaysALink() throws IOException {
        Path target = Files.writeString(Files.createDirectory(dir.resolve("elsewhere")).resolve("t"), "old");
        Path link = Files.createSymbolicLink(dir.resolve("link"), target);
        DurableFiles.SYSTEM.write(link, "new".getBytes(UTF_8));
        assertTrue(Files.isSymbolicLink(link));
        assertEquals("new", Files.readString(target));
        Path tree = Files.createDirectory(dir.resolve("tree"));
        Files.createSymbolicLink(tree.resolve("out"), dir.resolve("elsewhere"));
        DurableFiles.SYSTEM.deleteDirectory(tree);
        assertEquals("new", Files.readString(target));
        DurableFiles.SYSTEM.deleteDirectory(tree);
    }

    @Test void sweepRemovesWhatDeadProcessesLeftAndNothingElse() throws Exception {
        Process shortLived = new ProcessBuilder("true").start();
        shortLived.waitFor();
        long own = ProcessHandle.current().pid();
        Path dead = Files.createDirectories(dir.resolve(".tmp-" + shortLived.pid() + "-0123456789abcdef-1/deep"));
        Path recycledPid = Files.createFile(dir.resolve(".tmp-" + own + "-0123456789abcdef-2"));
        Path alive = Files.createFile(dir.resolve(".tmp-" + ProcessHandle.current().parent().orElseThrow().pid() + "-0123456789abcdef-3"));
        Path ours = Files.createFile(TemporaryName.beside(dir.resolve("x")));
        Path foreign = Files.createFile(dir.resolve(".tmp-notes"));
        Files.createFile(dir.resolve("step-1"));
        assertEquals(List.of(dead.getParent(), recycledPid).stream().sorted().toList(), DurableFiles.SYSTEM.sweep(dir));
        assertEquals(List.of(alive, ours, foreign, dir.resolve("step-1")).stream().sorted().toList(), FileOps.SYSTEM.list(dir));
        assertTrue(DurableFiles.isTemporary(ours) && !DurableFiles.isTemporary(foreign));
    }

    @Test void missingParentsAreCreatedAndForced() throws IOException {
        FaultyFileOps ops = new FaultyFileOps(dir);
        Path deep = dir.toRealPath().resolve("a/b");
        new DurableFiles(ops).createDirectories(deep);
        new DurableFiles(ops).createDirectories(deep);
        assertEquals(List.of("mkdir a", "forceDirectory .", "mkdir a/b", "forceDirectory a"), ops.log());
        Files.createFile(deep.resolve("f"));
        assertRefused(() -> DurableFiles.SYSTEM.createDirectories(deep.resolve("f")), "already exists.");
    }

    private void interruptEverywhere(PathAction setUp, Work work, Invariant invariant) throws IOException {
        int operations = operationsOf(setUp, work);
        for (int k = 0; k <= operations; k++) {
            for (String world : List.of("killed", "power lost", "power lost, unforced names survive")) {
                Path root = Files.createDirectory(dir.toRealPath().resolve(k + " " + world));
                setUp.on(root);
                FaultyFileOps ops = new FaultyFileOps(root).dieAt(k);
                boolean finished = true;
                try {
                    work.run(new DurableFiles(ops), root);
                } catch (FaultyFileOps.ProcessDied e) {
                    finished = false;
                }
                assertEquals(k == operations, finished);
                if (!world.equals("killed")) {
                    ops.losePower(world.endsWith("survive"));
                }
                invariant.check(root, finished);
            }
        }
    }

    private interface PathAction {
        void on(Path root) throws IOException;
    }

    private int operationsOf(Work work) throws IOException {
        return operationsOf(root -> { }, work);
    }

    private int operationsOf(PathAction setUp, Work work) throws IOException {
        Path root = Files.createDirectory(dir.toRealPath().resolve("undisturbed"));
        setUp.on(root);
        FaultyFileOps ops = new FaultyFileOps(root);
        work.run(new DurableFiles(ops), root);
        return ops.log().size();
    }

    private static void assertWhole(Path directory, Map<String, String> expected) throws IOException {
        Manifest manifest = Manifest.read(directory).orElseThrow();
        manifest.verify(directory);
        assertEquals(expected.keySet(), manifest.files().keySet());
        for (Map.Entry<String, String> file : expected.entrySet()) {
            assertEquals(file.getValue(), Files.readString(directory.resolve(file.getKey())));
        }
    }

    private static Map<String, Content> ordered(String... namesAndTexts) {
        Map<String, Content> files = new LinkedHashMap<>();
        for (int i = 0; i < namesAndTexts.length; i += 2) {
            files.put(namesAndTexts[i], Content.of(namesAndTexts[i + 1].getBytes(UTF_8)));
        }
        return files;
    }

    private static void assertRefused(org.junit.jupiter.api.function.Executable write, String expected) {
        String message = assertThrows(StorageException.class, write).getMessage();
        assertTrue(message.contains(expected), message);
    }
}
