package inkling.cli.train;

/** How long a training still takes, by all that it did so far: its updates and what lies between them, evaluations and saves. */
final class TimeLeft {
    private final long firstStep;
    private final long firstNanos;

    /** @param nanos a clock's reading as update {@code step} was completed, the first of this session */
    TimeLeft(long step, long nanos) {
        this.firstStep = step;
        this.firstNanos = nanos;
    }

    /** Seconds from {@code step} to {@code last}; NaN after the first update. */
    double seconds(long step, long last, long nanos) {
        return step == firstStep ? Double.NaN : (nanos - firstNanos) / 1e9 / (step - firstStep) * (last - step);
    }
}
