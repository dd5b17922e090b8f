package inkling.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import inkling.checkpoint.Progress;
import inkling.io.DurableFiles;
import inkling.runfile.ConfigFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a training that is stopped between two evaluations says of its last update. */
class LastLookTest {
    @TempDir Path run;

    private List<String> said(Optional<Evaluator.Result> lastLook) {
        List<String> said = new ArrayList<>();
        TrainingListener listener = new TrainingListener() {
            @Override
            public void evaluated(long step, Evaluator.Result result, boolean best) {
                said.add("loss at " + step);
            }

            @Override
            public void remark(String line) {
                said.add(line);
            }
        };
        Trainer.Updates updates = before -> new StepMetrics(before.step() + 1, 0, 3, 1, 1e-3, 100, 1);
        Trainer.Milestones milestones = new Trainer.Milestones() {
            private int evaluations;

            @Override
            public Optional<Evaluator.Result> evaluate(BooleanSupplier stop) {
                return evaluations++ == 0 ? Optional.of(new Evaluator.Result(4, 10)) : lastLook;
            }

            @Override
            public String sample() {
                return "";
            }

            @Override
            public long savedStep() {
                return -1;
            }

            @Override
            public void save(Progress progress, boolean best) {}

            @Override
            public void markBest(long step) {}
        };
        TrainConfig config = ConfigFile.parse("name: a\ndata: {train: x.txt}\nschedule: {learning_rate: 1.0e-3}\n", "x.yaml", List.of())
            .train();
        MetricsCsv metrics = MetricsCsv.open(run, 0, DurableFiles.SYSTEM, said::add);
        int[] asked = {0};
        new Trainer(config, updates, milestones, listener, metrics, Progress.START).train(() -> asked[0]++ == 2);
        return said;
    }

    @Test void aLastUpdateThatWasNotMeasuredIsSaid() {
        assertEquals(List.of("loss at 0", "no validation loss of the last update: it would take more than 10 s"), said(Optional.empty()));
        assertEquals(List.of("loss at 0", "loss at 2"), said(Optional.of(new Evaluator.Result(3, 10))));
    }
}
