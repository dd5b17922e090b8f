package inkling.inspect.metrics;

import inkling.inspect.RunHistory.Metric;
import inkling.inspect.RunHistory.Point;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/** The numbers that lists and warnings show of a run (last and lowest losses, seconds, a spike), kept up to date row by row. */
public final class RunFigures implements MetricsTail.Rows {
    /** A training loss far above those before it. */
    public record Spike(long step, double before, double loss) {}

    private static final int RECENT = 32;
    private static final int ENOUGH = 16;

    /** A jump is further above the losses before it than so many of their standard deviations, and than this share of them. */
    private static final double DEVIATIONS = 6;
    private static final double SHARE = 0.1;

    /** The weight of a new row in what an update takes. */
    private static final double NEW = 0.1;

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

    /** Of no row yet. */
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

    /** As {@link inkling.inspect.RunHistory#seconds}: each row's tokens since the one before, at its speed. */
    private void time(long at, long tokensSoFar, double speed) {
        double took = (tokensSoFar - countedTokens) / speed;
        double each = took / Math.max(1, at - countedStep);
        seconds += took;
        secondsPerStep = Double.isNaN(secondsPerStep) ? each : secondsPerStep + NEW * (each - secondsPerStep);
        countedTokens = tokensSoFar;
        countedStep = at;
    }

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
            boolean afterTheLast = spike.isEmpty() || losses - lossesAtSpike > RECENT;   // it stays high for a while: one jump
            if (loss > mean + DEVIATIONS * Math.sqrt(variance) && loss > mean + SHARE * Math.abs(mean) && afterTheLast) {
                spike = Optional.of(new Spike(at, mean, loss));
                lossesAtSpike = losses;
            }
        }
        recent[losses++ % RECENT] = loss;
    }

    public long rows() {
        return rows;
    }

    /** The step of the last row; −1 before the first, which is that of step 0. */
    public long lastStep() {
        return rows == 0 ? -1 : step;
    }

    /** Updates that are logged. */
    public long step() {
        return step;
    }

    public long tokens() {
        return tokens;
    }

    /** What the updates took, evaluations and samples left out. */
    public double seconds() {
        return seconds;
    }

    /** What an update takes lately; empty where no speed was measured. */
    public OptionalDouble secondsPerStep() {
        return Double.isNaN(secondsPerStep) ? OptionalDouble.empty() : OptionalDouble.of(secondsPerStep);
    }

    public Optional<Point> lastTrain() {
        return train;
    }

    public Optional<Point> lastValidation() {
        return validation;
    }

    /** The lowest validation loss, that before the first update too. */
    public Optional<Point> lowestValidation() {
        return lowest;
    }

    /** As {@link inkling.inspect.RunHistory#bestValidation}: the lowest after the first update. */
    public Optional<Point> bestValidation() {
        return best;
    }

    /** Evaluations since the lowest validation loss. */
    public int sinceLowest() {
        return sinceLowest;
    }

    /** The step of the first value that is not finite. */
    public OptionalLong firstNotFinite() {
        return notFinite == 0 ? OptionalLong.empty() : OptionalLong.of(firstNotFinite);
    }

    public Optional<Spike> spike() {
        return spike;
    }

    /** Whether the losses since the spike have come back: the mean of the last ones is nearer to what was before it. */
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
