package inkling.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A training that is stopped between two evaluations evaluates its last update, or says that this would take too long. */
class EndEvaluationTest {
    @TempDir Path run;

    private List<String> happens(Optional<Evaluator.Result> lastLook) {
        Iterator<Optional<Evaluator.Result>> evaluations = List.of(Optional.of(new Evaluator.Result(4, 10)), lastLook).iterator();
        int[] asked = {0};
        return RecordedTraining.of(run, "", step -> step - 1, evaluations::next, () -> asked[0]++ == 2);
    }

    @Test void aLastUpdateThatWasNotMeasuredIsReported() {
        assertEquals(List.of("loss 0", "saved 0", "saved 2", "no validation loss of the last update: it would take more than 10 s"),
            happens(Optional.empty()));
    }

    @Test void aLastLossThatIsTheLowestIsTheBest() {
        assertEquals(List.of("loss 0", "saved 0", "saved 2", "loss 2", "best 2"), happens(Optional.of(new Evaluator.Result(3, 10))));
        assertEquals(List.of("loss 0", "saved 0", "saved 2", "loss 2"), happens(Optional.of(new Evaluator.Result(5, 10))));
    }
}
