package inkling.train;

import inkling.checkpoint.Progress;

/** What a training advances by: an update on this machine, or a round of several updates on many. */
public interface Updates {
    /**
     * Makes what comes after {@code before}.
     *
     * @return what its last update measured; step and tokens count from the beginning of the run
     * @throws DivergedException if a loss or a gradient is not finite; nothing was changed then
     */
    StepMetrics next(Progress before);

    /** The step from which one {@link #next} leads to {@code step}. */
    default long previous(long step) {
        return step - 1;
    }

    /** Whether {@link #next} is so much work that each one is logged and saved, whatever the intervals of {@code train}. */
    default boolean inRounds() {
        return false;
    }
}
