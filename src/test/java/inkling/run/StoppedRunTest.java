package inkling.run;

import static inkling.Says.says;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.TinyRun;
import inkling.checkpoint.Progress;
import inkling.checkpoint.TrainingState;
import inkling.checkpoint.WorkerStates;
import inkling.errors.ConfigException;
import inkling.errors.ModelFormatException;
import inkling.io.DirectoryLock;
import inkling.run.folder.RunStanding;
import inkling.runfile.ConfigFile;
import inkling.runfile.RunConfig;
import inkling.train.StepMetrics;
import inkling.train.TrainingListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A run that is stopped long before an evaluation is due, and goes on: which of its checkpoints the commands use, and which is its best.
 */
@Tag("training")
class StoppedRunTest {
    private static final Path RUNS = Path.of("checkpoints");

    @TempDir static Path directory;
    private static Path stopped;
    private static Path other;

    /** Trains in the current directory. */
    public static final class Trainings {
        public static void main(String[] none) {
            TrainRun.begin(config("whole"), RUNS, new TrainingListener() { }, () -> false);
            for (String name : List.of("stopped", "resumed", "other")) {
                long[] steps = {0};
                TrainOutcome outcome = TrainRun.begin(config(name), RUNS, new TrainingListener() {
                    @Override
                    public void stepped(StepMetrics metrics) {
                        steps[0]++;
                    }
                }, () -> steps[0] >= 5);
                System.out.println(name + " best at " + outcome.progress().bestStep());
            }
            TrainRun.resume("resumed", RUNS, List.of(), new TrainingListener() { }, () -> false);
            TrainRun.resume("other", RUNS, List.of("train.eval_batches=1"), telling(), () -> false);
            TrainRun.resume("other", RUNS, List.of("train.max_steps=13"), telling(), () -> false);
        }

        private static RunConfig config(String name) {
            return ConfigFile.read(Path.of("tiny.yaml"), List.of("name=" + name, "train.max_steps=12", "train.eval_interval=100",
                "train.checkpoint_interval=100", "train.eval_batches=2"));
        }

        private static TrainingListener telling() {
            return new TrainingListener() {
                @Override
                public void remark(String line) {
                    System.out.println(line);
                }
            };
        }
    }

    private static String output;

    @BeforeAll static void train() throws Exception {
        TinyRun.files(directory);
        ProcessBuilder builder = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xshare:auto",
            "-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path"), Trainings.class.getName())
            .directory(directory.toFile());
        builder.environment().putAll(LauncherSettings.all());
        Process process = builder.redirectErrorStream(true).start();
        output = new String(process.getInputStream().readAllBytes());
        process.waitFor(60, TimeUnit.SECONDS);
        assertEquals(0, process.exitValue(), output);
        stopped = directory.resolve("checkpoints/stopped");
        other = directory.resolve("checkpoints/other");
    }

    private static Path run(String name) {
        return directory.resolve("checkpoints").resolve(name);
    }

    @Test void theStepOfTheStopIsMeasuredAndUsed() throws IOException {
        assertTrue(output.contains("stopped best at 5\n"), output);
        assertEquals("step-000005", Files.readString(stopped.resolve("best")).strip());
        ModelLocation location = ModelLocation.of(stopped, Optional.empty());
        assertEquals("step-000005", location.directory().getFileName().toString());
        assertTrue(location.remark().orElse("").contains("step-000005 (its best"), location.remark().toString());
    }

    @Test void theRunGoesOnAsIfItHadNeverStopped() throws IOException {
        assertEquals(TinyRun.metrics(run("whole")), TinyRun.metrics(run("resumed")));
        assertEquals(TinyRun.bits(run("whole"), 12), TinyRun.bits(run("resumed"), 12));
        assertEquals(Files.readString(run("whole").resolve("best")), Files.readString(run("resumed").resolve("best")));
    }

    /** If a run is killed early, or the evaluation at its stop would take too long, the only validation loss is that of step 0. */
    @Test void stepZeroIsUsedOnlyIfItIsAskedFor(@TempDir Path copy) throws IOException {
        Path run = copy.resolve("run");
        TestFiles.copy(stopped, run);
        Files.writeString(run.resolve("best"), "step-000000\n");
        ModelLocation location = ModelLocation.findTrained(run.toString(), Optional.empty(), copy);
        assertEquals("step-000005", location.directory().getFileName().toString());
        assertTrue(location.remark().orElse("").contains("step-000005 (its last: the lowest validation loss is that of step 0"),
            location.toString());
        assertEquals("step-000000", ModelLocation.findTrained(run.toString(), Optional.of("best"), copy).directory().getFileName()
            .toString());

        Files.writeString(run.resolve("last"), "step-000000\n");
        String message = assertThrows(ConfigException.class, () -> ModelLocation.findTrained(run.toString(), Optional.empty(), copy))
            .getMessage();
        assertTrue(message.contains("train --resume " + run) && message.contains("--checkpoint 0"), message);
        try (DirectoryLock held = DirectoryLock.acquire(run)) {
            assertTrue(DirectoryLock.holder(run).isPresent());
            String wait = assertThrows(ConfigException.class, () -> ModelLocation.findTrained(run.toString(), Optional.empty(), copy))
                .getMessage();
            assertTrue(wait.contains("being trained: wait for its next checkpoint, at step 12;") && !wait.contains("--resume"), wait);
        }
        assertEquals("step-000000", ModelLocation.findTrained(run.toString(), Optional.of("0"), copy).directory().getFileName().toString());
    }

    /**
     * The copy looks as if workers had trained it, in rounds of 5 updates. Only {@code cluster train} goes on with such a run; that command
     * saves after each round.
     */
    @Test void messagesAboutARunOfWorkersNameItsCommandAndStep(@TempDir Path copy) throws IOException {
        Path run = copy.resolve("run");
        TestFiles.copy(stopped, run);
        String config = Files.readString(run.resolve("config.yaml"));
        Files.writeString(run.resolve("config.yaml"), config.replace("inner_steps: 100", "inner_steps: 5"));
        for (String step : List.of("step-000000", "step-000005")) {
            Files.write(run.resolve(step).resolve(WorkerStates.FILE_NAME), new byte[0]);
        }
        String own = "`cluster train --resume " + run;
        says(assertThrows(ConfigException.class, () -> TrainRun.begin(ConfigFile.read(directory.resolve("tiny.yaml"), List.of("name=run")),
            copy, new TrainingListener() { }, () -> false)).getMessage(), "exists already", own + "`");
        Files.delete(run.resolve("best"));
        says(assertThrows(ModelFormatException.class, () -> ModelLocation.of(run, Optional.of("best"))).getMessage(), own + "`");
        Files.delete(run.resolve("step-000005/progress.json"));
        says(assertThrows(ModelFormatException.class, () -> ModelLocation.of(run, Optional.of("last"))).getMessage(), own
            + "/step-000000`");

        Files.writeString(run.resolve("last"), "step-000000\n");
        says(assertThrows(ConfigException.class, () -> ModelLocation.findTrained(run.toString(), Optional.empty(), copy)).getMessage(),
            own + "`");
        try (DirectoryLock held = DirectoryLock.acquire(run)) {
            assertTrue(DirectoryLock.holder(run).isPresent());
            says(assertThrows(ConfigException.class, () -> ModelLocation.findTrained(run.toString(), Optional.empty(), copy)).getMessage(),
                "wait for its next checkpoint, at step 5;");
        }

        Files.delete(run.resolve("last"));   // killed when the first checkpoint had its final name, but before `last` was written
        assertEquals("cluster train", RunStanding.of(run).command());
    }

    /** {@code new --data notes} writes a run file for a run of the folder's name. */
    @Test void aFolderOfTextsDoesNotHideTheRunOfItsName(@TempDir Path runs) throws IOException {
        assertEquals(Path.of("src"), ModelLocation.existing("src", runs));
        TestFiles.copy(stopped, runs.resolve("src"));
        assertEquals(runs.resolve("src"), ModelLocation.existing("src", runs));
        Path model = Path.of("src/test/resources/inkling/models/gpt2");
        Files.createDirectories(runs.resolve(model).getParent());
        TestFiles.copy(stopped, runs.resolve(model));
        assertEquals(model, ModelLocation.existing(model.toString(), runs));
    }

    /** Losses over other windows cannot be compared: after a change of {@code train.eval_batches}, the first loss counts as the lowest. */
    @Test void bestIsTheBestOfWhatIsComparable() {
        Progress twelve = TrainingState.progress(other.resolve("step-000012"));
        assertEquals(12, twelve.bestStep());
        assertEquals(1, output.split("so the best checkpoint is chosen again from here", -1).length - 1, output);
    }
}
