package inkling.serve.runs;

import inkling.inspect.RunHistory.Point;
import inkling.inspect.metrics.RunFigures;
import inkling.run.RunState;
import inkling.run.folder.RunStanding;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Warnings about a run, for the dashboard: what is wrong, and what helps. */
final class RunWarnings {
    /**
     * One warning.
     *
     * @param kind {@code failed}, {@code diverged}, {@code not_finite}, {@code spike}, {@code validation} or {@code disk}
     * @param passed whether the trouble is over
     */
    record Warning(String kind, boolean passed, String text) {}

    /**
     * The validation loss counts as rising if its last value is at least RISEN_NATS above its lowest. Also, at least EVALUATIONS
     * measurements must have come after the lowest.
     */
    private static final int EVALUATIONS = 3;
    private static final double RISEN_NATS = 0.01;

    /** The disk counts as nearly full if it has no room for CHECKPOINTS more checkpoints, or if less than LEAST_BYTES bytes are free. */
    private static final int CHECKPOINTS = 3;
    private static final long LEAST_BYTES = 200_000_000;

    private RunWarnings() {}

    static List<Warning> of(RunStanding run, RunFigures figures, Optional<String> failure, DiskUse disk) {
        List<Warning> warnings = new ArrayList<>();
        failure.filter(f -> run.state() != RunState.DIVERGED && run.state() != RunState.RUNNING)
            .ifPresent(why -> warnings.add(new Warning("failed", false, why)));
        if (run.state() == RunState.DIVERGED) {
            warnings.add(new Warning("diverged", false,
                text("Diverged: an update after step %,d had a loss or gradient that is not finite,"
                + " and was not made. The checkpoint of step %,d is whole. If the run is resumed, it diverges again; begin another run"
                + " with a lower schedule.learning_rate or optimizer.max_grad_norm.", Math.max(figures.step(), run.saved()), run.saved())));
        }
        figures.firstNotFinite().ifPresent(step -> warnings.add(new Warning("not_finite", false, text("A value that is not finite was"
            + " measured at step %,d; such values are in no curve.", step))));
        figures.spike().ifPresent(spike -> warnings.add(spike(spike, figures.hasRecovered())));
        rising(figures).ifPresent(warnings::add);
        disk.freeBytes().ifPresent(free -> {
            if (free < Math.max(CHECKPOINTS * disk.checkpointBytes(), LEAST_BYTES)) {
                String needed = disk.checkpointBytes() == 0 ? "" : ", and a checkpoint of this run takes " + size(disk.checkpointBytes());
                warnings.add(new Warning("disk", false, text("The disk is %s: %s are left%s. `inkling runs remove` deletes runs.",
                    free < disk.checkpointBytes() ? "full" : "nearly full", size(free), needed)));
            }
        });
        return warnings;
    }

    private static Warning spike(RunFigures.Spike spike, boolean over) {
        return new Warning("spike", over, text("The training loss jumped from %.3f to %.3f at step %,d%s", spike.before(), spike.loss(),
            spike.step(), over ? ", and came back."
            : ". If it does not come back, try a lower schedule.learning_rate, or a longer warm-up."));
    }

    private static Optional<Warning> rising(RunFigures figures) {
        Optional<Point> lowest = figures.lowestValidation();
        if (lowest.isEmpty() || figures.sinceLowest() < EVALUATIONS
            || figures.lastValidation().get().value() < lowest.get().value() + RISEN_NATS) {
            return Optional.empty();
        }
        Point last = figures.lastValidation().get();
        return Optional.of(new Warning("validation", false, lowest.get().step() == 0
            ? text("Validation is worse than before the first update: %.4f at step %,d, %.4f at first. A lower schedule.learning_rate"
            + " spoils less of what the model knew.", last.value(), last.step(), lowest.get().value())
            : text("Validation rises: %.4f at step %,d, and the lowest was %.4f at step %,d,"
            + " %d evaluations ago. The model begins to learn its text by heart;"
            + " `best` keeps the checkpoint of the lowest validation loss.",
                last.value(), last.step(), lowest.get().value(), lowest.get().step(), figures.sinceLowest())));
    }

    private static String size(long bytes) {
        return bytes >= 1_000_000_000 ? text("%.1f GB", bytes / 1e9)
            : bytes >= 1_000_000 ? text("%.0f MB", bytes / 1e6) : text("%.0f kB", bytes / 1e3);
    }

    private static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
