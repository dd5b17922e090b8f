package inkling.train;

import inkling.checkpoint.Progress;
import inkling.io.DurableFiles;
import inkling.runfile.ConfigFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.LongUnaryOperator;
import java.util.function.Supplier;

/**
 * Runs the training loop without a model, over at most 12 updates. Records evaluations, samples, checkpoints, calls of {@code markBest} and
 * remarks, a line each.
 */
final class RecordedTraining {
    private final List<String> happened = new ArrayList<>();
    private final LongUnaryOperator previous;
    private final Supplier<Optional<Evaluator.Result>> evaluation;

    private RecordedTraining(LongUnaryOperator previous, Supplier<Optional<Evaluator.Result>> evaluation) {
        this.previous = previous;
        this.evaluation = evaluation;
    }

    /**
     * Trains in {@code run}, measured and saved every 10 updates, with a sample every 8.
     *
     * @param train more keys of the run file's section {@code train}, beginning with a comma; or empty
     * @param previous gives the step from which an update or a round leads to a given step: 1 less for an update, several less for a round
     */
    static List<String> of(Path run, String train, LongUnaryOperator previous, Supplier<Optional<Evaluator.Result>> evaluation,
                           BooleanSupplier stop) {
        TrainConfig config = ConfigFile.parse("""
            name: a
            data: {train: x.txt}
            schedule: {learning_rate: 1.0e-3}
            train: {max_steps: 12, eval_interval: 10, checkpoint_interval: 10, sample: {interval: 8}%s}
            """.formatted(train), "x.yaml", List.of()).train();
        RecordedTraining recorded = new RecordedTraining(previous, evaluation);
        MetricsCsv metrics = MetricsCsv.open(run, 0, DurableFiles.SYSTEM, recorded.happened::add);
        new Trainer(config, recorded.updates(), recorded.milestones(), recorded.listener(), metrics, Progress.START).train(stop);
        return recorded.happened;
    }

    private TrainingListener listener() {
        return new TrainingListener() {
            @Override
            public void evaluated(long step, Evaluator.Result result, boolean best) {
                happened.add("loss " + step);
            }

            @Override
            public void sampled(long step, String text) {
                happened.add("text " + step);
            }

            @Override
            public void remark(String line) {
                happened.add(line);
            }
        };
    }

    private Trainer.Updates updates() {
        return new Trainer.Updates() {
            @Override
            public StepMetrics next(Progress before) {
                long step = before.step() + 1;
                while (step < 12 && previous.applyAsLong(step) < before.step()) {
                    step++;
                }
                return new StepMetrics(step, 0, 3, 1, 1e-3, 100, 1);
            }

            @Override
            public long previous(long step) {
                return previous.applyAsLong(step);
            }
        };
    }

    private Trainer.Milestones milestones() {
        return new Trainer.Milestones() {
            @Override
            public Optional<Evaluator.Result> evaluate(BooleanSupplier stop) {
                return evaluation.get();
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
            public void save(Progress progress, boolean best) {
                happened.add("saved " + progress.step());
            }

            @Override
            public void markBest(long step) {
                happened.add("best " + step);
            }
        };
    }
}
