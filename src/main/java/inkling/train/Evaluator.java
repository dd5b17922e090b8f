package inkling.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import inkling.data.Batch;
import inkling.engine.ComputeContext;
import inkling.engine.Kernels;
import inkling.model.Gpt;
import inkling.model.Mode;
import inkling.model.Probe;
import inkling.model.grad.Rewards;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Measures the mean loss of a model over windows of a text, or over conversations. Dropout is off, so no random number is drawn. */
public final class Evaluator {
    private final NDManager manager;
    private final Gpt gpt;
    private final ComputeContext context;

    /** Borrows {@code manager} and {@code gpt}; the arrays of a measurement live below {@code manager}. */
    public Evaluator(NDManager manager, Gpt gpt, ComputeContext context) {
        this.manager = manager;
        this.gpt = gpt;
        this.context = context;
    }

    /**
     * @param loss mean loss of a predicted token, or of a pair of answers, in nats; summed in double precision
     * @param tokens how many predicted tokens, or pairs, the mean is taken over
     * @param rewards of the pairs; {@link Rewards#NONE} if no pairs were measured
     */
    public record Result(double loss, long tokens, Rewards rewards) {
        public Result(double loss, long tokens) {
            this(loss, tokens, Rewards.NONE);
        }

        public double perplexity() {
            return Math.exp(loss);
        }

        /** The perplexity with this many decimals, e.g. {@code 27.3}. A perplexity from a million on has the form {@code 3.2e+48}. */
        public String perplexityText(int decimals) {
            return perplexity() < 1e6 ? String.format(Locale.ROOT, "%." + decimals + "f", perplexity())
                : String.format(Locale.ROOT, "%.1e", perplexity());
        }

        /** The summed loss in bits, divided by {@code bytes}. @param bytes UTF-8 bytes of the predicted tokens */
        public double bitsPerByte(long bytes) {
            return loss * tokens / Math.log(2) / bytes;
        }
    }

    /** Measures the mean loss of {@code windows}; every target other than −1 counts once. */
    public Result over(Iterable<Batch> windows) {
        return over(windows, () -> false).orElseThrow();
    }

    /** As {@link #over(Iterable)}; empty if {@code stop}, which is asked before each batch, returned true. */
    public Optional<Result> over(Iterable<Batch> windows, BooleanSupplier stop) {
        double nats = 0;
        long tokens = 0;
        for (Batch batch : windows) {
            if (stop.getAsBoolean()) {
                return Optional.empty();
            }
            for (float nll : each(batch)) {
                nats += nll;
            }
            tokens += batch.targetCount();
        }
        return Optional.of(new Result(nats / tokens, tokens));
    }

    /** Gives −ln p of each target, or 0 if the target is ignored; (B, T), row-major. */
    public float[] each(Batch batch) {
        context.enter();
        try (NDManager scope = manager.newSubManager()) {
            Shape shape = new Shape(batch.rows(), batch.columns());
            NDArray logits = gpt.forward(scope.create(batch.ids(), shape), Mode.EVAL, Probe.NONE);
            return Kernels.crossEntropyEach(logits, scope.create(batch.targets(), shape)).toFloatArray();
        }
    }
}
