package inkling.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.io.Sha256;
import inkling.run.TrainingMethod;
import inkling.train.Ending;
import inkling.train.TrainingListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rounds in this process, {@code --master local}. */
@Tag("training")
class RoundsTest {
    private static final String[] AS_ONE = {"cluster.workers=1", "cluster.outer={learning_rate: 1.0, momentum: 0.0}"};
    @TempDir static Path directory;

    private static SmallRun small() {
        return new SmallRun(directory);
    }

    private static String sha256(Path file) {
        return Sha256.of(file);
    }

    @Test void oneWorkerIsTheSingleMachineBitForBitAlsoAcrossAResume() throws IOException {
        SmallRun small = small();
        small.begin(TrainingMethod.THIS_MACHINE, small.config("machine"));
        int[] asked = {0};
        assertEquals(Ending.STOPPED, small.begin(SmallRun.on("local"), small.config("one", AS_ONE), new TrainingListener() { },
            () -> ++asked[0] > 9).ending());
        assertTrue(!Files.exists(small.run("one").resolve("step-000024")), "it was stopped before its end");
        assertEquals(Ending.MAX_STEPS, small.resume(SmallRun.on("local"), "one").ending());
        for (int step = SmallRun.ROUND; step <= SmallRun.STEPS; step += SmallRun.ROUND) {
            Path machine = small.run("machine").resolve("step-%06d".formatted(step));
            Path one = small.run("one").resolve("step-%06d".formatted(step));
            assertEquals(sha256(machine.resolve("model.safetensors")), sha256(one.resolve("model.safetensors")), "weights at " + step);
            assertEquals(sha256(machine.resolve("optimizer.safetensors")),
                sha256(small.run("one").resolve("workers/step-%06d/worker-0000.safetensors".formatted(step))), "moments at " + step);
        }
        List<String> rows = small.rows("one", "metrics.csv", 6);
        assertEquals(2 + SmallRun.STEPS / SmallRun.ROUND, rows.size(), "a header, step 0, and a row a round");
        assertTrue(small.rows("machine", "metrics.csv", 6).containsAll(rows), "the machine's rows of the same steps: " + rows);
        assertEquals(Files.readString(small.run("machine").resolve("best")), Files.readString(small.run("one").resolve("best")));
    }

    @Test void aRunOfFourWorkersThatWasStoppedEndsAsOneThatWasNot() throws IOException {
        SmallRun small = small();
        small.begin(SmallRun.on("local"), small.config("whole"));
        int[] asked = {0};
        small.begin(SmallRun.on("local"), small.config("stopped"), new TrainingListener() { }, () -> ++asked[0] > 6);
        small.resume(SmallRun.on("local"), "stopped");
        assertEquals(small.bits("whole", SmallRun.STEPS), small.bits("stopped", SmallRun.STEPS));
        assertEquals(small.rows("whole", "metrics.csv", 6), small.rows("stopped", "metrics.csv", 6));
        List<String> workers = small.rows("whole", "workers.csv", 6);
        assertEquals(1 + 4 * SmallRun.STEPS / SmallRun.ROUND, workers.size(), "a header, and a row for each worker and round");
        assertEquals(workers, small.rows("stopped", "workers.csv", 6));
        assertEquals(4, workers.subList(1, 5).stream().map(row -> row.split(",")[2]).distinct().count(), "each worker reads other windows");
    }

    @Test void theLastRoundEndsAtMaxStepsAndEvaluationsWaitForTheEndOfARound() throws IOException {
        SmallRun small = small();
        List<String> evaluated = new ArrayList<>();
        TrainingListener listener = new TrainingListener() {
            @Override
            public void evaluated(long step, inkling.train.Evaluator.Result result, boolean best) {
                evaluated.add(Long.toString(step));
            }
        };
        small.begin(SmallRun.on("local"),
            small.config("uneven", "train.max_steps=10", "train.eval_interval=5", "train.checkpoint_interval=100"),
            listener, () -> false);
        assertEquals(List.of("0", "8", "10"), evaluated);
        assertEquals(List.of("step", "0", "4", "8", "10"), small.rows("uneven", "metrics.csv", 1));
        assertTrue(Files.isDirectory(small.run("uneven").resolve("step-000004")), "every round is saved");
    }

    /** In float16 a change has only 11 significant bits, so the weights differ a little. */
    @Test void deltasOf16BitsGiveNearlyTheSameValidationLoss() throws IOException {
        SmallRun small = small();
        small.begin(SmallRun.on("local"), small.config("wide", "train.max_steps=8"));
        small.begin(SmallRun.on("local"), small.config("half", "train.max_steps=8", "cluster.deltas=float16"));
        String[] wide = last(small.rows("wide", "metrics.csv", 4));
        String[] half = last(small.rows("half", "metrics.csv", 4));
        assertNotEquals(wide[3], half[3]);
        assertEquals(Double.parseDouble(wide[3]), Double.parseDouble(half[3]), 1e-4);
    }

    private static String[] last(List<String> rows) {
        return rows.get(rows.size() - 1).split(",");
    }
}
