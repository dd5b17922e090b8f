package inkling.serve.runs;

import inkling.io.DirectoryLock;
import inkling.run.folder.RunStanding;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Finds the process of this machine that trains a run. The run's lock file contains only a process id. If the run is on a shared disk, or
 * is trained in another container, a different process may have that id here.
 */
final class TrainerProcess {
    private TrainerProcess() {}

    /** The process; empty if no process trains the run, or if the process that trains it is not known or not visible from here. */
    static Optional<ProcessHandle> of(RunStanding run) {
        long pid = run.trainer().orElse(-1);
        // A handle stands only for the process that has this id now, never for a later process with the same id.
        Optional<ProcessHandle> process = pid > 0 ? ProcessHandle.of(pid) : Optional.empty();
        return process.filter(p -> hasOpen(p, run.directory().resolve(DirectoryLock.FILE_NAME)))
            .filter(p -> DirectoryLock.holder(run.directory()).equals(OptionalLong.of(pid)));
    }

    /** Whether {@code process} has the file open. On systems without /proc: whether it runs Inkling's command {@code train}. */
    private static boolean hasOpen(ProcessHandle process, Path file) {
        Path open = Path.of("/proc", Long.toString(process.pid()), "fd");
        if (!Files.isDirectory(Path.of("/proc/self/fd"))) {
            return process.info().commandLine().filter(command -> command.contains("inkling.cli.Main train")).isPresent();
        }
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(open)) {
            Path lock = file.toRealPath();
            for (Path descriptor : descriptors) {
                if (Files.isSymbolicLink(descriptor) && Files.readSymbolicLink(descriptor).equals(lock)) {
                    return true;
                }
            }
            return false;
        } catch (IOException e) {
            return false;   // the process is another user's, or has just ended
        }
    }
}
