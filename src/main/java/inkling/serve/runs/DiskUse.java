package inkling.serve.runs;

import inkling.checkpoint.CheckpointStore;
import inkling.io.DurableFiles;
import inkling.run.folder.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/**
 * How much of the disk a run uses.
 *
 * @param runBytes the size of all its files
 * @param checkpointBytes the size of its last checkpoint; 0 if there is none yet
 * @param freeBytes how much is left on the disk; empty if not known
 */
record DiskUse(long runBytes, long checkpointBytes, OptionalLong freeBytes) {
    /** Counts every file of the run. */
    static DiskUse of(Path run) {
        long checkpointBytes = new CheckpointStore(run, DurableFiles.SYSTEM).last().map(RunFolder::bytes).orElse(0L);
        return new DiskUse(RunFolder.bytes(run), checkpointBytes, freeBytes(run));
    }

    private static OptionalLong freeBytes(Path run) {
        try {
            return OptionalLong.of(Files.getFileStore(run).getUsableSpace());
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }
}
