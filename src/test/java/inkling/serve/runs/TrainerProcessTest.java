package inkling.serve.runs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.io.DirectoryLock;
import inkling.io.Jvm;
import inkling.run.RunState;
import inkling.run.folder.RunStanding;
import inkling.run.process.TrainingLauncher;
import inkling.serve.RunFiles;
import inkling.serve.http.ApiFault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Which process is stopped: the one that holds the run's lock, and no other, whatever number the lock file has. */
@DisabledOnOs(OS.WINDOWS)
@Tag("process")
class TrainerProcessTest {
    @TempDir Path folder;
    private Path run;
    private Process holder;

    /** Takes the lock, says so, and holds it until it is told to end. */
    public static final class Holder {
        public static void main(String[] args) throws IOException {
            try (DirectoryLock lock = DirectoryLock.acquire(Path.of(args[0]))) {
                System.out.println("held");
                System.in.read();
            }
        }
    }

    @BeforeEach void hold() throws IOException {
        run = RunFiles.begin(folder, "tale", 100);
        holder = Jvm.of(List.of("-Xmx64m"), Holder.class, run.toString()).start();
        assertEquals("held", holder.inputReader().readLine());
    }

    @AfterEach void end() {
        holder.destroyForcibly();
    }

    private static String refusal(RunControl control, RunStanding standing, long seen) {
        return assertThrows(ApiFault.class, () -> control.stop(standing, seen)).getMessage();
    }

    @Test void theHolderIsStoppedOnce() throws Exception {
        RunStanding standing = RunStanding.of(run);
        assertEquals(RunState.RUNNING, standing.state());
        RunControl control = new RunControl(new TrainingLauncher("none"), Optional.empty());
        assertTrue(refusal(control, standing, holder.pid() + 1).contains("Another process"));
        control.stop(standing, holder.pid());
        assertTrue(control.isStopping(standing));
        assertTrue(refusal(control, standing, holder.pid()).contains("asked to stop already"));
        assertTrue(holder.waitFor(30, TimeUnit.SECONDS));
        assertEquals(143, holder.exitValue());
        assertEquals(RunState.STOPPED, RunStanding.of(run).state());
        assertTrue(refusal(control, RunStanding.of(run), holder.pid()).contains("not being trained"));
    }

    /** As on a shared disk: the number is that of a process on another machine, and here an unrelated process has it. */
    @Test void aBystanderWithTheSameNumberIsLeftAlone() throws Exception {
        Process bystander = new ProcessBuilder("sleep", "60").start();
        try {
            Files.writeString(run.resolve("lock"), bystander.pid() + "\n");
            RunStanding standing = RunStanding.of(run);
            assertEquals(bystander.pid(), standing.trainer().orElseThrow());
            assertTrue(TrainerProcess.of(standing).isEmpty());
            RunControl control = new RunControl(new TrainingLauncher("none"), Optional.empty());
            assertTrue(refusal(control, standing, bystander.pid()).contains("where it was started"));
            assertFalse(bystander.waitFor(0, TimeUnit.SECONDS), "the bystander was stopped");
        } finally {
            bystander.destroyForcibly();
        }
    }
}
