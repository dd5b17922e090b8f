package inkling.inspect.metrics;

import inkling.inspect.RunHistory.Metric;
import inkling.inspect.RunHistory.Point;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/** The figures of one run (last and lowest losses, seconds, a spike), for the list of runs and for warnings. Each row updates them. */
public final class RunFigures implements MetricsTail.Rows {
    /** A training loss far above the losses before it. @param before the mean of the 16 to 32 losses before it */
    public record Spike(long step, double before, double loss) {}

    private static final int RECENT = 32;            // the most earlier losses with which a loss is compared
    private static final int ENOUGH = 16;            // the fewest losses of which a mean is taken

    /** A spike is above the mean of the recent losses by more than this many of their standard deviations. */
    private static final double DEVIATIONS = 6;
    /** A spike is also above the mean of the recent losses by more than this share of the mean. */
    private static final double SHARE = 0.1;

    /** The weight of a new row in the moving mean of seconds per update. */
    private static final double WEIGHT_OF_NEW = 0.1;

    private final double[] recent = new double[RECENT];
    private int losses;
    private long rows;
    private long step;
    private long tokens;
    private long countedTokens;
    private long countedStep;
    private double seconds;
    private double secondsPerStep;
    private long notFinite;
    private long firstNotFinite;
    private Optional<Point> train;
    private Optional<Point> validation;
    private Optional<Point> lowest;
    private Optional<Point> best;
    private int sinceLowest;
    private Optional<Spike> spike;
    private long lossesAtSpike;

    /** The figures of a file without rows. */
    public RunFigures() {
        begin();
    }

    @Override
    public void begin() {
        losses = 0;
        rows = 0;
        step = 0;
        tokens = 0;
        countedTokens = 0;
        countedStep = 0;
        seconds = 0;
        secondsPerStep = Double.NaN;
        notFinite = 0;
        train = Optional.empty();
        validation = Optional.empty();
        lowest = Optional.empty();
        best = Optional.empty();
        sinceLowest = 0;
        spike = Optional.empty();
    }

    @Override
    public void row(long at, long tokensSoFar, double[] values) {
        rows++;
        step = at;
        tokens = tokensSoFar;
        for (double value : values) {
            if (Double.isInfinite(value)) {
                firstNotFinite = notFinite++ == 0 ? at : firstNotFinite;
            }
        }
        double loss = values[Metric.TRAIN_LOSS.ordinal()];
        if (Double.isFinite(loss)) {
            train = Optional.of(new Point(at, loss));
            watch(at, loss);
        }
        double measured = values[Metric.VAL_LOSS.ordinal()];
        if (Double.isFinite(measured)) {
            validation = Optional.of(new Point(at, measured));
            boolean lower = lowest.isEmpty() || measured < lowest.get().value();
            lowest = lower ? validation : lowest;
            sinceLowest = lower ? 0 : sinceLowest + 1;
            best = at > 0 && (best.isEmpty() || measured < best.get().value()) ? validation : best;
        }
        double speed = values[Metric.TOKENS_PER_SECOND.ordinal()];
        if (Double.isFinite(speed) && speed > 0) {
            time(at, tokensSoFar, speed);
        }
    }

    /** Adds the time of a row's updates, as {@link inkling.inspect.RunHistory#seconds} does. */
    private void time(long at, long tokensSoFar, double speed) {
        double took = (tokensSoFar - countedTokens) / speed;
        double each = took / Math.max(1, at - countedStep);
        seconds += took;
        secondsPerStep = Double.isNaN(secondsPerStep) ? each : secondsPerStep + WEIGHT_OF_NEW * (each - secondsPerStep);
        countedTokens = tokensSoFar;
        countedStep = at;
    }

    /** Looks for a spike. */
    private void watch(long at, double loss) {
        int known = Math.min(losses, RECENT);
        if (known >= ENOUGH) {
            double mean = 0;
            double variance = 0;
            for (int i = 0; i < known; i++) {
                mean += recent[i] / known;
            }
            for (int i = 0; i < known; i++) {
                variance += (recent[i] - mean) * (recent[i] - mean) / known;
            }
            boolean isNew = spike.isEmpty() || losses - lossesAtSpike > RECENT;   // losses that stay high for a while are one spike
            if (loss > mean + DEVIATIONS * Math.sqrt(variance) && loss > mean + SHARE * Math.abs(mean) && isNew) {
                spike = Optional.of(new Spike(at, mean, loss));
                lossesAtSpike = losses;
            }
        }
        recent[losses++ % RECENT] = loss;
    }

    public long rows() {
        return rows;
    }

    /** The step of the last row; −1 before the first row, whose step may be 0. */
    public long lastStep() {
        return rows == 0 ? -1 : step;
    }

    /** Updates completed at the last row; 0 before the first. */
    public long step() {
        return step;
    }

    public long tokens() {
        return tokens;
    }

    /** Seconds that the updates took, as {@link inkling.inspect.RunHistory#seconds} estimates them. */
    public double seconds() {
        return seconds;
    }

    /** Seconds that an update takes, as a moving mean: a new row has the weight 0.1. Empty if no speed was measured. */
    public OptionalDouble secondsPerStep() {
        return Double.isNaN(secondsPerStep) ? OptionalDouble.empty() : OptionalDouble.of(secondsPerStep);
    }

    public Optional<Point> lastTrain() {
        return train;
    }

    public Optional<Point> lastValidation() {
        return validation;
    }

    /** The lowest validation loss; the loss before the first update counts, too. */
    public Optional<Point> lowestValidation() {
        return lowest;
    }

    /** As {@link inkling.inspect.RunHistory#bestValidation}: the lowest validation loss at a step above 0. */
    public Optional<Point> bestValidation() {
        return best;
    }

    /** How many evaluations with a finite loss came after the lowest validation loss. */
    public int sinceLowest() {
        return sinceLowest;
    }

    /** The step of the first measured value that is not finite; empty if all are finite. */
    public OptionalLong firstNotFinite() {
        return notFinite == 0 ? OptionalLong.empty() : OptionalLong.of(firstNotFinite);
    }

    /** The last spike. */
    public Optional<Spike> spike() {
        return spike;
    }

    /**
     * Whether the losses have come back after the last spike. They have if the mean of the last 16 losses is nearer to the mean before the
     * spike than to the spike's loss. False if there was no spike, or if there are fewer than 16 losses from the spike on.
     */
    public boolean hasRecovered() {
        int after = (int) Math.min(RECENT, losses - lossesAtSpike);
        double sum = 0;
        for (int i = 1; i <= Math.min(after, ENOUGH); i++) {
            sum += recent[Math.floorMod(losses - i, RECENT)];
        }
        return spike.filter(s -> after >= ENOUGH).isPresent()
            && sum / Math.min(after, ENOUGH) < (spike.get().before() + spike.get().loss()) / 2;
    }
}
