package inkling.serve.runs;

import inkling.checkpoint.CheckpointStore;
import inkling.io.DurableFiles;
import inkling.run.folder.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/**
 * What a run takes of its disk, in bytes.
 *
 * @param run all its files
 * @param checkpoint its last checkpoint; 0 before there is one
 * @param free left on the disk; empty where that cannot be told
 */
record DiskUse(long run, long checkpoint, OptionalLong free) {
    /** Looks at every file of the run. */
    static DiskUse of(Path run) {
        long checkpoint = new CheckpointStore(run, DurableFiles.SYSTEM).last().map(RunFolder::bytes).orElse(0L);
        return new DiskUse(RunFolder.bytes(run), checkpoint, free(run));
    }

    private static OptionalLong free(Path run) {
        try {
            return OptionalLong.of(Files.getFileStore(run).getUsableSpace());
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }
}
