package inkling.perf;

import inkling.engine.ComputeContext;
import inkling.model.Gpt;
import inkling.train.StepMetrics;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/**
 * The step times of a training session, and the share of the machine's speed that the steps used: MFU = FLOPs of a step / its wall time /
 * peak. The peak is first measured when the session has lasted {@value #WORTHWHILE_SECONDS} s. So shorter sessions do not wait for it.
 * {@link #mfu} measures it again; the larger result counts.
 */
public final class Throughput {
    private static final double WORTHWHILE_SECONDS = 20;

    private final ComputeContext context;
    private final double flopsPerToken;
    private final long started = System.nanoTime();
    private final List<Double> stepSeconds = new ArrayList<>();
    private long tokensPerStep;
    private double peak;

    /**
     * @param trained the names of the parameters that the steps change
     * @param columns tokens of a training window
     */
    public Throughput(ComputeContext context, Gpt gpt, List<String> trained, int columns) {
        this.context = context;
        this.flopsPerToken = ParameterTally.of(gpt.config()).trainingFlops(columns, gpt.layout(), trained);
    }

    /** The FLOPs of a step for each token; frozen parameters need fewer ({@link Estimate#flopsPerToken}). */
    double flopsPerToken() {
        return flopsPerToken;
    }

    /**
     * Notes the time of a completed step. If the session has lasted long enough, this also measures the peak, which takes about 1.5 s; it
     * does so only once.
     */
    public void stepped(StepMetrics step) {
        stepSeconds.add(step.stepMillis() / 1e3);
        tokensPerStep = Math.round(step.tokensPerSecond() * step.stepMillis() / 1e3);
        if (peak == 0 && System.nanoTime() - started > WORTHWHILE_SECONDS * 1e9) {
            peak = MatmulPeak.flops(context);
        }
    }

    /** Tokens a second, if a step takes the median time; NaN before the first step. */
    public double tokensPerSecond() {
        if (stepSeconds.isEmpty()) {
            return Double.NaN;
        }
        return tokensPerStep / stepSeconds.stream().sorted().skip(stepSeconds.size() / 2).findFirst().orElseThrow();
    }

    /**
     * Model FLOPs utilisation of the median step, 1 for the whole peak; empty for a short session, which has no peak. Measures the peak
     * again.
     */
    public OptionalDouble mfu() {
        if (peak == 0) {
            return OptionalDouble.empty();
        }
        return OptionalDouble.of(flopsPerToken * tokensPerSecond() / Math.max(peak, MatmulPeak.flops(context)));
    }
}
