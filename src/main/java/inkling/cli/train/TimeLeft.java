package inkling.cli.train;

import java.util.Locale;

/**
 * How long a training still takes: the updates left × the mean time of this session's updates, without its first update (in {@code cluster
 * train}: without its first round). This time includes evaluations and saves.
 */
final class TimeLeft {
    private final long firstStep;
    private final long firstNanos;

    /**
     * @param step the session's first update; in {@code cluster train}, the last update of its first round
     * @param nanos {@code System.nanoTime()} when it was completed
     */
    TimeLeft(long step, long nanos) {
        this.firstStep = step;
        this.firstNanos = nanos;
    }

    /** Seconds from update {@code step}, completed at {@code nanos}, to update {@code last}; NaN at the step that the constructor got. */
    double seconds(long step, long last, long nanos) {
        return step == firstStep ? Double.NaN : (nanos - firstNanos) / 1e9 / (step - firstStep) * (last - step);
    }

    /** {@code 1 h 20 min}, {@code 3 min 05 s}, {@code 12 s}. */
    static String text(double secondsLeft) {
        long seconds = Math.round(secondsLeft);
        return seconds >= 3600 ? String.format(Locale.ROOT, "%d h %02d min", seconds / 3600, seconds % 3600 / 60)
            : seconds >= 60 ? String.format(Locale.ROOT, "%d min %02d s", seconds / 60, seconds % 60) : seconds + " s";
    }
}
