package inkling.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import inkling.Fixtures;
import inkling.TinyRun;
import inkling.checkpoint.Progress;
import inkling.own.Manners;
import inkling.runfile.ConfigFile;
import inkling.runfile.RunConfig;
import inkling.train.Ending;
import inkling.train.StepMetrics;
import inkling.train.TrainingListener;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** However often a run is interrupted, its weights, moments and metrics end with the bits of a run that was never interrupted. */
@Tag("training")
class ResumeExactnessTest {
    private static final int STEPS = 16;
    private static final Path RUNS = Path.of("checkpoints");
    @TempDir static Path directory;

    /** The interruption of a process that has no time to save. */
    private static final class Killed extends Error {
        private static final long serialVersionUID = 1;
    }

    /**
     * Trains in the current directory, one run for each argument. An argument begins with "whole" or with the kind of interruption; its
     * suffixes name settings. All its digits together, also those of "bf16", are the seed of the instants of the interruptions.
     */
    public static final class Trainings {
        public static void main(String[] runs) {
            for (String run : runs) {
                String dropout = "dropout: " + (run.contains("-shared") ? 0.0 : 0.2);
                List<String> settings = new ArrayList<>(List.of("name=" + run, "train.max_steps=" + STEPS,
                    "threads=" + (run.contains("-shared") ? 2 : 1), "train.grad_accum_steps=3", "train.eval_interval=5"));
                if (run.contains("-bf16")) {
                    settings.add("precision=bf16_even_if_slow");
                }
                settings.addAll(run.contains("-pairs") ? List.of("data={train: pairs.jsonl, format: preferences}",
                    "model={init_from: base, %s}".formatted(dropout), "finetune={preference: {label_smoothing: 0.1}}")
                    : List.of("data.order=" + order(run), "model.dropout=" + dropout.substring(9)));
                RunConfig config = ConfigFile.read(Path.of("tiny.yaml"), settings);
                if (run.startsWith("whole")) {
                    TrainRun.begin(config, RUNS, new TrainingListener() { }, () -> false);
                } else {
                    interrupted(config, run.startsWith("killed"), new Random(Long.parseLong(run.replaceAll("\\D", ""))));
                }
            }
        }

        private static String order(String run) {
            return run.endsWith("sequential") ? "sequential" : "random";
        }

        private static void interrupted(RunConfig config, boolean killed, Random random) {
            boolean begun = false;
            for (boolean done = false; !done; ) {
                long[] left = {random.nextInt(begun ? 4 : 2)};   // the first interruption often comes before the first update
                try {
                    TrainingListener listener = killed ? dyingAfter(left) : new TrainingListener() { };
                    BooleanSupplier stop = () -> !killed && left[0]-- <= 0;
                    TrainOutcome outcome = begun ? TrainRun.resume(config.name().text(), RUNS, List.of(), listener, stop)
                        : TrainRun.begin(config, RUNS, listener, stop);
                    done = outcome.ending() == Ending.MAX_STEPS;
                } catch (Killed e) {
                    System.out.println("killed");
                }
                begun = true;
            }
        }

        /**
         * Waits for a save, so that each attempt brings the run further. Lets {@code left} more updates finish. Then dies at what comes
         * next: at a save (with {@code left} = 0, the one it waited for), or at the next update, before its row is written.
         */
        private static TrainingListener dyingAfter(long[] left) {
            boolean[] saved = {false};
            return new TrainingListener() {
                @Override
                public void saved(Progress progress) {
                    saved[0] = true;
                    if (left[0] == 0) {
                        throw new Killed();
                    }
                }

                @Override
                public void stepped(StepMetrics step) {
                    if (saved[0] && left[0]-- == 0) {
                        throw new Killed();
                    }
                }
            };
        }
    }

    @BeforeAll static void train() throws Exception {
        TinyRun.files(directory);
        Files.writeString(directory.resolve("pairs.jsonl"), Manners.pairs(40, 1));
        Files.createSymbolicLink(directory.resolve("base"), Fixtures.own("gpt2"));
        ProcessBuilder builder = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xshare:auto",
            "-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path"), Trainings.class.getName(), "whole", "whole-sequential",
            "stopped1", "stopped2", "killed3", "killed4", "stopped5-sequential", "killed6-sequential",
            "whole-shared", "stopped7-shared", "killed8-shared",
            "whole-pairs", "stopped9-pairs", "killed10-pairs", "whole-pairs-shared", "stopped11-pairs-shared",
            "whole-bf16", "stopped12-bf16", "whole-bf16-shared", "killed13-bf16-shared",
            "whole-pairs-bf16", "killed14-pairs-bf16").directory(directory.toFile());
        builder.environment().putAll(LauncherSettings.all());
        Process process = builder.redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor(60, TimeUnit.SECONDS);
        assertEquals(0, process.exitValue(), output);
    }

    private static void equalsWhole(String whole, String... interrupted) throws IOException {
        Path expected = directory.resolve("checkpoints").resolve(whole);
        assertEquals(1 + 1 + STEPS, TinyRun.metrics(expected).size(), "a header, step 0, and a row each step");
        for (String name : interrupted) {
            Path run = directory.resolve("checkpoints").resolve(name);
            assertEquals(TinyRun.metrics(expected), TinyRun.metrics(run), name);
            assertEquals(bits(expected, run), bits(run, run), name);
            assertEquals(Files.readString(expected.resolve("best")), Files.readString(run.resolve("best")), name);
        }
    }

    /** The hashes of the last step. If a stop came in the last evaluation, progress.json is left out, since it records the stop. */
    private static String bits(Path run, Path stopped) throws IOException {
        boolean noted = Files.readString(stopped.resolve("step-%06d/progress.json".formatted(STEPS))).contains("unevaluated_update");
        String bits = TinyRun.bits(run, STEPS);
        return noted ? bits.replaceFirst("(?s)\"progress.json\".*", "") : bits;
    }

    @Test void stoppedBetweenUpdatesOrBatchesOfAnEvaluationAtRandom() throws IOException {
        equalsWhole("whole", "stopped1", "stopped2");
    }

    @Test void killedBetweenSavesAtRandom() throws IOException {
        equalsWhole("whole", "killed3", "killed4");
    }

    @Test void inSequentialOrderToo() throws IOException {
        equalsWhole("whole-sequential", "stopped5-sequential", "killed6-sequential");
    }

    /**
     * Preference runs, with their rewards. A resume reads the reference model's log-probabilities of the answers from the run directory and
     * does not compute them again.
     */
    @Test void learningPreferencesToo() throws IOException {
        equalsWhole("whole-pairs", "stopped9-pairs", "killed10-pairs");
        equalsWhole("whole-pairs-shared", "stopped11-pairs-shared");
        List<String> metrics = TinyRun.metrics(directory.resolve("checkpoints/whole-pairs"));
        assertEquals("step,tokens,train_loss,val_loss,learning_rate,grad_norm,reward_accuracy,reward_margin,val_reward_accuracy,"
            + "val_reward_margin,val_chosen_gain", metrics.get(0));
        assertEquals(0, metrics.stream().skip(2).filter(row -> row.split(",", -1)[7].isEmpty()).count(), "each update has a reward margin");
    }

    /** The bfloat16 copies of the matrices are not stored: a resume makes them anew from the weights. */
    @Test void withProductsInBfloat16Too() throws IOException {
        equalsWhole("whole-bf16", "stopped12-bf16");
        equalsWhole("whole-bf16-shared", "killed13-bf16-shared");
        equalsWhole("whole-pairs-bf16", "killed14-pairs-bf16");
        assertNotEquals(TinyRun.metrics(directory.resolve("checkpoints/whole")),
            TinyRun.metrics(directory.resolve("checkpoints/whole-bf16")));
    }

    /** Without dropout two threads compute the gradients of their own rows. */
    @Test void withRowsSharedOutToo() throws IOException {
        equalsWhole("whole-shared", "stopped7-shared", "killed8-shared");
    }
}
