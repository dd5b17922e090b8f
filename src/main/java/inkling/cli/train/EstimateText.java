package inkling.cli.train;

import inkling.cli.terminal.Amounts;
import inkling.errors.Printable;
import inkling.perf.ClusterEstimate;
import inkling.perf.Estimate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** An estimate as people read it. */
final class EstimateText {
    private EstimateText() {}

    static List<String> lines(Estimate estimate) {
        List<String> lines = new ArrayList<>();
        lines.add(text("%,d parameters", estimate.parameters()) + (estimate.trainedParameters() == estimate.parameters() ? ""
            : text(", of which %,d are trained", estimate.trainedParameters())));
        lines.add(text("%,d tokens × %.1f MFLOP each; %.3g FLOP in all, evaluations included", estimate.tokens(),
            estimate.flopsPerToken() / 1e6,
            estimate.flops()));
        long total = estimate.memory().values().stream().mapToLong(bytes -> bytes).sum();
        lines.add(text("%,d MB of memory at most:", total / 1_000_000));
        estimate.memory().forEach((what, bytes) -> lines.add(text("%,10.1f MB  %s", bytes / 1e6, what)));
        lines.add("MB of memory while the model generates, by --precision: " + estimate.generation().entrySet().stream()
            .map(form -> text("%s %,d", form.getKey(), form.getValue() / 1_000_000)).collect(Collectors.joining(", ")));
        lines.add(text("%,.1f MB of disk at most: %s of %,.1f MB", estimate.checkpoints() * estimate.checkpointBytes() / 1e6,
            Printable.counted(estimate.checkpoints(), "checkpoint"), estimate.checkpointBytes() / 1e6));
        double[] seconds = estimate.seconds();
        lines.add(text("about %s: %s if a step reaches %.0f %%, %s if it reaches %.0f %% of the %.0f GFLOP/s that matrix products in %s"
            + " reach here now",
            Amounts.time(seconds[0]), Amounts.time(seconds[1]), 100 * Estimate.BEST_SHARE, Amounts.time(seconds[2]),
            100 * Estimate.LEAST_SHARE, estimate.peak() / 1e9, estimate.precision()));
        lines.add("These are estimates; `bench CONFIG` measures a few steps.");
        return lines;
    }

    /** Compares two ways to train on several machines: adding up gradients in every update, and the rounds of {@code cluster train}. */
    static List<String> lines(ClusterEstimate several) {
        return List.of(
            text("on %d machines like this one, %.0f Gbit/s between them:", several.machines(), several.gigabits()),
            text("  gradients added up in every update: each machine sends %,.1f MB an update and computes for %.0f %% of the time",
                several.ringBytes() / 1e6, 100 * several.ringEfficiency()),
            text("  `cluster train`, rounds of %d updates: each machine moves %,.2f MB an update, trains for %s, then waits for %s,"
                + " and so computes for %.1f %% of the time",
                several.cluster().innerSteps(), several.roundBytesAnUpdate() / 1e6, Amounts.time(several.innerSeconds()),
                Amounts.time(several.outerSeconds()), 100 * several.roundEfficiency()));
    }

    private static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
