package inkling.run;

import inkling.optim.LearningRate;
import inkling.optim.Schedule;
import inkling.runfile.RunConfig;
import java.util.Locale;
import java.util.Optional;

/**
 * Remarks about a run's learning rate. One warns if the rate rises or hardly falls until the run ends, or is at its minimum already; the
 * losses do not show this. The other tells what the rate becomes if the run's length changes.
 */
final class LearningRateRemark {
    private LearningRateRemark() {}

    /**
     * Gives the warning for the updates {@code step} … {@code maxSteps} − 1 (from 0), if there are any and the schedule is a cosine whose
     * minimum is below its peak. It is given in three cases:
     * <ul>
     * <li>All of these updates come after the decay, so they have the minimum learning rate.</li>
     * <li>The last update is still in the warm-up.</li>
     * <li>The decay would end after the last update, whose learning rate is above the middle between peak and minimum.</li>
     * </ul>
     */
    static Optional<String> of(Schedule schedule, long step, long maxSteps) {
        if (!(schedule instanceof Schedule.WarmupCosine cosine) || step >= maxSteps || cosine.minLearningRate() >= cosine.learningRate()) {
            return Optional.empty();
        }
        long end = cosine.decaySteps().orElse(maxSteps);
        if (step >= end) {
            return Optional.of(("all updates from here on have the smallest learning rate, %s: they come after schedule.decay_steps = %d."
                + " With --set schedule.decay_steps=%d the rate reaches this minimum only at the end of the run.")
                .formatted(shown(cosine.minLearningRate()), end, maxSteps));
        }
        if (maxSteps <= cosine.warmupSteps()) {
            return Optional.of("the run ends while the learning rate still rises: schedule.warmup_steps = %d, train.max_steps = %d."
                .formatted(cosine.warmupSteps(), maxSteps));
        }
        LearningRate rate = cosine.over(maxSteps);
        double last = rate.at(maxSteps - 1);
        if (maxSteps >= end || last <= (cosine.learningRate() + cosine.minLearningRate()) / 2) {
            return Optional.empty();
        }
        return Optional.of(("the learning rate falls less than half of the way to its minimum: %s at the last update, %s at most, since"
            + " schedule.decay_steps = %d lies far beyond train.max_steps = %d. With --set schedule.decay_steps=%d it falls to %s by"
            + " the end.").formatted(shown(last), shown(cosine.learningRate()), end, maxSteps, maxSteps, shown(cosine.minLearningRate())));
    }

    /**
     * Tells the learning rate of the next update, and the rate at the end, for a run that made {@code step} updates and now gets another
     * length. Empty for a schedule that does not depend on the length.
     */
    static Optional<String> ofOtherLength(RunConfig config, long step) {
        boolean follows = config.schedule() instanceof Schedule.WarmupStableDecay
            || config.schedule() instanceof Schedule.WarmupCosine cosine && cosine.decaySteps().isEmpty();
        LearningRate rate = config.learningRate();
        return follows ? Optional.of("the learning rate follows train.max_steps: %s at the next update, %s at the end."
            .formatted(shown(rate.at(step)), shown(rate.at(config.train().maxSteps())))) : Optional.empty();
    }

    private static String shown(double rate) {
        return String.format(Locale.ROOT, "%.2e", rate);
    }
}
