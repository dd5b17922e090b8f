package inkling.optim;

import inkling.config.Key;
import inkling.config.TypeName;
import inkling.errors.Problems;
import java.util.Optional;

/**
 * How the learning rate changes over a training: the section {@code schedule} of the run file. Its key {@code type} chooses the kind.
 *
 * <p>All schedules warm up in the same way: {@code learning_rate * (step + 1) / (warmup_steps + 1)} for the first {@code warmup_steps}
 * updates (Karpathy's nanoGPT, train.py). So the first update has a rate above 0, and the rate reaches its peak only after the warm-up.
 */
@TypeName("warmup_cosine")
public sealed interface Schedule {
    /** The rate over a run of {@code maxSteps} updates. Example: {@code new Schedule.Constant(1e-3, 0).over(50).at(7)} is 1e-3. */
    LearningRate over(long maxSteps);

    /** The peak: the rate after the warm-up. */
    double learningRate();

    /** The rate stays at the peak from the end of the warm-up on. */
    @TypeName("constant")
    record Constant(
        @Key(doc = "the rate after the warm-up", elsewhere = "lr") double learningRate,
        @Key(doc = "updates of linear warm-up", def = "0", elsewhere = "warmup_iters") long warmupSteps) implements Schedule {

        public Constant {
            checkPeak(new Problems(), learningRate, warmupSteps).throwIfAny();
        }

        @Override
        public LearningRate over(long maxSteps) {
            return step -> step < warmupSteps ? warmup(learningRate, step, warmupSteps) : learningRate;
        }
    }

    /**
     * The rate falls along half a cosine from the peak at {@code warmup_steps} to the minimum at {@code decay_steps}. Then it stays at the
     * minimum. The half cosine is one cycle of the schedule of Loshchilov and Hutter 2017, arXiv:1608.03983. Example:
     * {@code new Schedule.WarmupCosine(1e-3, 1e-4, 100, 2000).over(2000).at(100)} is 1e-3, {@code at(1050)} is 5.5e-4, {@code at(2000)} is
     * 1e-4.
     */
    @TypeName("warmup_cosine")
    record WarmupCosine(
        @Key(doc = "the rate after the warm-up", elsewhere = "lr") double learningRate,
        @Key(doc = "the rate from decay_steps on; if left out and learning_rate is 1.0e-4 or less, a tenth of learning_rate",
        def = "1.0e-4", elsewhere = "min_lr")
        double minLearningRate,
        @Key(doc = "updates of linear warm-up", def = "100", elsewhere = "warmup_iters") long warmupSteps,
        @Key(doc = "the update, counted from the beginning, at which the minimum is reached; null: train.max_steps", def = "null",
        elsewhere = "lr_decay_iters")
        Optional<Long> decaySteps)
        implements Schedule {

        public WarmupCosine {
            checkMin(checkPeak(new Problems(), learningRate, warmupSteps), minLearningRate, learningRate)
                .check(decaySteps.orElse(1L) > 0, "decay_steps", "decay_steps = %d must be positive.", decaySteps.orElse(1L))
                .check(decaySteps.filter(end -> end > 0 && warmupSteps >= end).isEmpty(), "warmup_steps",
                    "warmup_steps = %d must be below decay_steps = %d, both counted from the beginning. Change one of them.",
                    warmupSteps, decaySteps.orElse(0L))
                .throwIfAny();
        }

        /** A schedule that reaches its minimum at update {@code decaySteps}, however long the run is. */
        public WarmupCosine(double learningRate, double minLearningRate, long warmupSteps, long decaySteps) {
            this(learningRate, minLearningRate, warmupSteps, Optional.of(decaySteps));
        }

        @Override
        public LearningRate over(long maxSteps) {
            long end = decaySteps.orElse(maxSteps);
            return step -> {
                if (step < warmupSteps) {
                    return warmup(learningRate, step, warmupSteps);
                }
                if (step >= end) {
                    return minLearningRate;
                }
                double progress = (double) (step - warmupSteps) / (end - warmupSteps);
                return minLearningRate + 0.5 * (1 + Math.cos(Math.PI * progress)) * (learningRate - minLearningRate);
            };
        }
    }

    /**
     * The rate stays at the peak until {@code decay_steps} updates before the end of the run. Then it falls along a straight line to the
     * minimum at {@code max_steps}. The schedule is from Hu et al. 2024, arXiv:2404.06395; the straight line is from Hägele et al. 2024,
     * arXiv:2405.18392. Example:
     * {@code new Schedule.WarmupStableDecay(1e-3, 0, 10, 100).over(1000)} is 1e-3 at update 900 and 5e-4 at update 950.
     */
    @TypeName("warmup_stable_decay")
    record WarmupStableDecay(
        @Key(doc = "the rate after the warm-up", elsewhere = "lr") double learningRate,
        @Key(doc = "the rate at max_steps; if left out and learning_rate is 1.0e-4 or less, a tenth of learning_rate", def = "1.0e-4",
        elsewhere = "min_lr")
        double minLearningRate,
        @Key(doc = "updates of linear warm-up", def = "100", elsewhere = "warmup_iters") long warmupSteps,
        @Key(doc = "updates of the final linear decay, which ends at train.max_steps", def = "400",
        elsewhere = "lr_decay_iters") long decaySteps)
        implements Schedule {

        public WarmupStableDecay {
            checkMin(checkPeak(new Problems(), learningRate, warmupSteps), minLearningRate, learningRate)
                .check(decaySteps > 0, "decay_steps", "decay_steps = %d must be positive.", decaySteps)
                .throwIfAny();
        }

        /** Whether warm-up and decay, one after the other, fit into a run of {@code maxSteps} updates. */
        public boolean fits(long maxSteps) {
            return warmupSteps <= maxSteps && decaySteps <= maxSteps - warmupSteps;
        }

        /** @throws inkling.errors.ConfigException if warm-up and decay together are longer than the run */
        @Override
        public LearningRate over(long maxSteps) {
            new Problems().check(fits(maxSteps), "decay_steps",
                "warmup_steps = %d and decay_steps = %d do not fit into max_steps = %d one after the other. Shorten one of them.",
                warmupSteps, decaySteps, maxSteps).throwIfAny();
            long start = maxSteps - decaySteps;
            return step -> {
                if (step < warmupSteps) {
                    return warmup(learningRate, step, warmupSteps);
                }
                if (step <= start) {
                    return learningRate;
                }
                double left = Math.max(0, (double) (maxSteps - step) / decaySteps);
                return minLearningRate + left * (learningRate - minLearningRate);
            };
        }
    }

    private static double warmup(double peak, long step, long warmupSteps) {
        return peak * (step + 1) / (warmupSteps + 1);
    }

    private static Problems checkPeak(Problems problems, double peak, long warmupSteps) {
        return problems
            .check(Double.isFinite(peak) && peak > 0, "learning_rate", "learning_rate = %s must be positive.", peak)
            .check(warmupSteps >= 0, "warmup_steps", "warmup_steps = %d must not be negative.", warmupSteps);
    }

    private static Problems checkMin(Problems problems, double min, double peak) {
        return problems
            .check(Double.isFinite(min) && min >= 0, "min_learning_rate", "min_learning_rate = %s must not be negative.", min)
            .check(!(min > peak && peak > 0), "min_learning_rate",
                "min_learning_rate = %s is above learning_rate = %s: the schedule ends at the minimum. Change one of them.", min, peak);
    }
}
