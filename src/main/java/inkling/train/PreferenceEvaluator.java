package inkling.train;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import inkling.data.Batch;
import inkling.data.EvaluationWindows;
import inkling.engine.ComputeContext;
import inkling.model.Gpt;
import inkling.model.TargetScores;
import inkling.model.grad.PreferenceLoss;
import inkling.model.grad.Rewards;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Measures the log-probabilities that a model gives to answers, and which of two answers it prefers. Dropout is off, so no random number is
 * drawn.
 */
public final class PreferenceEvaluator {
    private final NDManager manager;
    private final Gpt gpt;
    private final ComputeContext context;

    /** Borrows {@code manager} and {@code gpt}; the arrays of a measurement live below {@code manager}. */
    public PreferenceEvaluator(NDManager manager, Gpt gpt, ComputeContext context) {
        this.manager = manager;
        this.gpt = gpt;
        this.context = context;
    }

    /** Measures the mean loss of pairs; empty if {@code stop}, which is asked before each batch, returned true. */
    public Optional<Evaluator.Result> over(Iterable<Batch> pairs, PreferenceLoss loss, BooleanSupplier stop) {
        Rewards sum = Rewards.NONE;
        for (Batch batch : pairs) {
            if (stop.getAsBoolean()) {
                return Optional.empty();
            }
            sum = sum.plus(loss.rewards(rows(batch), batch.reference(), batch.targets()));
        }
        return Optional.of(new Evaluator.Result(sum.loss() / sum.pairs(), sum.pairs(), sum));
    }

    /**
     * Gives the log-probability of each row of {@code windows}, in order: the sum over the row's targets, in nats. Empty if {@code stop},
     * which is asked before each batch, returned true.
     */
    public Optional<double[]> logProbabilities(EvaluationWindows windows, BooleanSupplier stop) {
        double[] all = new double[Math.toIntExact(windows.windows())];
        int at = 0;
        for (Batch batch : windows) {
            if (stop.getAsBoolean()) {
                return Optional.empty();
            }
            for (double row : rows(batch)) {
                all[at++] = row;
            }
        }
        return Optional.of(all);
    }

    private double[] rows(Batch batch) {
        context.enter();
        try (NDManager scope = manager.newSubManager()) {
            Shape shape = new Shape(batch.rows(), batch.columns());
            TargetScores scores = TargetScores.of(gpt, scope.create(batch.ids(), shape), scope.create(batch.targets(), shape));
            return TargetScores.rowSums(scores.logProbabilities(), batch.rows());
        }
    }
}
