package inkling.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.errors.ModelFormatException;
import inkling.errors.StorageException;
import inkling.io.Content;
import inkling.io.DurableFiles;
import inkling.io.FaultyFileOps;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A save as the trainer does it (write, move last, move best, prune), interrupted at each of its file operations. */
@Tag("thorough")
class CheckpointFaultsTest {
    @TempDir Path directory;

    private static Map<String, Content> content(long step) {
        Map<String, Content> files = new LinkedHashMap<>();
        files.put("model.safetensors", Content.of(("weights of " + step + "\n").repeat(9).getBytes(StandardCharsets.UTF_8)));
        files.put("progress.json", Content.of(("step " + step).getBytes(StandardCharsets.UTF_8)));
        return files;
    }

    private static void save(Path run, DurableFiles files, long step) {
        CheckpointStore store = new CheckpointStore(run, files);
        store.save(step, content(step));
        store.markBest(step);
        store.prune(1, List.of());
    }

    /** A run that has saved steps 1 and 2. */
    private Path run(String name) throws IOException {
        Path run = Files.createDirectory(directory.resolve(name));
        save(run, unforced(run), 1);
        save(run, unforced(run), 2);
        return run;
    }

    /** File operations without faults, and without the waits for a real disk. */
    private static DurableFiles unforced(Path run) throws IOException {
        return new DurableFiles(new FaultyFileOps(run));
    }

    private int operations(String name) throws IOException {
        Path run = run(name);
        FaultyFileOps ops = new FaultyFileOps(run);
        save(run, new DurableFiles(ops), 3);
        return ops.log().size();
    }

    @FunctionalInterface
    private interface Aftermath {
        void happen(FaultyFileOps ops) throws IOException;
    }

    /** Whichever operation is interrupted, last and best are whole, nothing that was committed is lost, and the run goes on. */
    private void everyOperationDies(String name, Aftermath aftermath) throws IOException {
        int operations = operations(name);
        assertTrue(operations > 20, "write, move, force … are counted: " + operations);
        for (int k = 0; k < operations; k++) {
            Path run = run(name + k);
            FaultyFileOps ops = new FaultyFileOps(run).dieAt(k);
            assertThrows(FaultyFileOps.ProcessDied.class, () -> save(run, new DurableFiles(ops), 3), "operation " + k);
            aftermath.happen(ops);

            CheckpointStore store = new CheckpointStore(run, unforced(run));
            long last = CheckpointStore.stepOf(store.last().orElseThrow());
            store.verify(store.last().orElseThrow());
            store.verify(store.best().orElseThrow());
            assertTrue(last == 2 || last == 3, "operation " + k + ": last is " + last);

            unforced(run).sweep(run);
            store.restoreBest(OptionalLong.of(last));
            assertEquals(last, CheckpointStore.stepOf(store.best().orElseThrow()), "operation " + k);
            save(run, unforced(run), 3);
            save(run, unforced(run), 4);
            assertEquals("weights of 4", Files.readAllLines(store.last().orElseThrow().resolve("model.safetensors")).get(0));
            assertEquals(1, store.steps().size(), "only what is kept is left");
        }
    }

    @Test void aKillAtAnyOperationLeavesLastAndBestWhole() throws IOException {
        everyOperationDies("killed", ops -> { });
    }

    @Test void aPowerLossAtAnyOperationLeavesLastAndBestWhole() throws IOException {
        everyOperationDies("dark", ops -> ops.losePower(false));
        everyOperationDies("dim", ops -> ops.losePower(true));
    }

    /** Tries every 13th byte. */
    @Test void aDiskThatIsFullAtAnyByteKeepsWhatWasSaved() throws IOException {
        for (int bytes = 0; bytes < 700; bytes += 13) {
            Path run = run("full" + bytes);
            FaultyFileOps ops = new FaultyFileOps(run).fullAfter(bytes);
            try {
                save(run, new DurableFiles(ops), 3);
            } catch (StorageException e) {
                assertTrue(e.getMessage().contains("the disk is full"), e.getMessage());
            }
            CheckpointStore store = new CheckpointStore(run, DurableFiles.SYSTEM);
            store.verify(store.last().orElseThrow());
            store.verify(store.best().orElseThrow());
            try (var left = Files.list(run)) {
                assertFalse(left.anyMatch(DurableFiles::isTemporary), "what was half written is removed");
            }
        }
    }

    @Test void resumingFromAnEarlierCheckpointForgetsALaterBest() {
        Path run = directory.resolve("earlier");
        DurableFiles.SYSTEM.createDirectories(run);
        CheckpointStore store = new CheckpointStore(run, DurableFiles.SYSTEM);
        for (long step = 1; step <= 3; step++) {
            store.save(step, content(step));
            store.markBest(step);
        }
        store.pointLast(2);
        store.restoreBest(OptionalLong.of(2));
        assertEquals(run.resolve("step-000002"), store.best().orElseThrow());
        store.restoreBest(OptionalLong.of(0));
        assertEquals(store.last(), store.best(), "if the best of that time is gone, last is the best");
        store.save(3, content(3));
        assertEquals(run.resolve("step-000003"), store.last().orElseThrow());
    }

    @Test void whereNoLossCountsYetOnlyALaterBestIsForgotten() {
        Path run = directory.resolve("otherwindows");
        DurableFiles.SYSTEM.createDirectories(run);
        CheckpointStore store = new CheckpointStore(run, DurableFiles.SYSTEM);
        for (long step = 1; step <= 3; step++) {
            store.save(step, content(step));
        }
        store.markBest(1);
        store.pointLast(2);
        store.restoreBest(OptionalLong.empty());
        assertEquals(run.resolve("step-000001"), store.best().orElseThrow());
        store.markBest(3);
        store.restoreBest(OptionalLong.empty());
        assertEquals(store.last(), store.best(), "step 3 will be written anew, and must not be named meanwhile");
    }

    @Test void aPointerThatIsNoTextIsAFaultOfTheRunNotOfTheUser() throws IOException {
        Path run = directory.resolve("pointer");
        CheckpointStore store = new CheckpointStore(Files.createDirectory(run), DurableFiles.SYSTEM);
        Files.write(run.resolve("last"), new byte[] {'s', 't', (byte) 0xFF});
        assertEquals(4, assertThrows(ModelFormatException.class, store::last).exitCode().code());
        Files.writeString(run.resolve("last"), "../step-000001\n");
        assertThrows(ModelFormatException.class, store::last);
    }
}
