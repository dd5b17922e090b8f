package inkling.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import inkling.checkpoint.CheckpointStore;
import inkling.io.Content;
import inkling.io.DurableFiles;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What {@code train.milestones} adds to a run of 12 updates, which is evaluated and saved every 10 updates, and writes a sample every 8
 * updates.
 */
class MilestonesTest {
    @TempDir Path run;

    private List<String> happens(String train, LongUnaryOperator previous) {
        return RecordedTraining.of(run, train, previous, () -> Optional.of(new Evaluator.Result(4, 10)), () -> false);
    }

    @Test void aMilestoneIsMeasuredSampledAndSaved() {
        LongUnaryOperator one = step -> step - 1;
        assertEquals(List.of("loss 0", "saved 0", "text 8", "loss 10", "saved 10", "loss 12", "saved 12"), happens("", one));
        assertEquals(List.of("loss 0", "saved 0", "text 0", "loss 3", "text 3", "saved 3", "text 8", "loss 10", "text 10", "saved 10",
            "loss 12", "saved 12"), happens(", milestones: [10, 3, 0, 3, 12, 99]", one));
    }

    @Test void theRoundThatPassesAMilestoneCountsAsTheMilestone() {
        LongUnaryOperator four = step -> step - 4;
        assertEquals(List.of("loss 0", "saved 0", "loss 4", "text 4", "saved 4", "text 8", "loss 12", "saved 12"),
            happens(", milestones: [3]", four));
    }

    @Test void checkpointsOfMilestonesStay() {
        CheckpointStore store = new CheckpointStore(run, DurableFiles.SYSTEM);
        for (long step : new long[] {0, 10, 20, 30, 40, 50}) {
            store.save(step, Map.of("progress.json", Content.of(new byte[] {1})));
        }
        store.prune(1, List.of(0L, 15L, 99L));
        assertEquals(List.of(50L, 20L, 0L), store.steps().stream().map(CheckpointStore::stepOf).toList());
    }
}
