package inkling.serve.view;

import inkling.inspect.RunHistory;
import inkling.inspect.RunHistory.Metric;
import inkling.inspect.metrics.Curve;
import inkling.inspect.metrics.MetricsTail;
import inkling.train.MetricsCsv;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** The losses of one run. Pages ask for them every few seconds, so usually only new rows of metrics.csv are read. For any thread. */
final class RunLosses {
    /** The most points of each of the two curves. */
    private static final int MOST_POINTS = 200;

    private final MetricsTail tail;
    private final Curve train = new Curve();
    private final Curve validation = new Curve();
    private final Map<Long, Losses> lossesAt = new HashMap<>();
    private Set<Long> wanted = Set.of();
    private boolean preferences;   // whether a row has the share of pairs that were ranked correctly

    /** A loss is NaN if it was not measured, and infinite if the measured loss was not a finite number. */
    private record Losses(double train, double validation) {}

    /**
     * What the run measured.
     *
     * @param curve rows of {@code {step, train_loss, val_loss}} over the whole run; at most twice {@value #MOST_POINTS} rows
     * @param at rows of the same form by their step, for each wanted step that metrics.csv has
     * @param unit what the losses are measured in
     */
    record Read(List<Map<String, Object>> curve, Map<Long, Map<String, Object>> at, String unit) {}

    RunLosses(Path run) {
        tail = new MetricsTail(run.resolve(MetricsCsv.FILE_NAME), new MetricsTail.Rows() {
            @Override
            public void begin() {
                train.clear();
                validation.clear();
                lossesAt.clear();
                preferences = false;
            }

            @Override
            public void row(long step, long tokens, double[] values) {
                Losses losses = new Losses(values[Metric.TRAIN_LOSS.ordinal()], values[Metric.VAL_LOSS.ordinal()]);
                preferences |= Double.isFinite(values[Metric.VAL_REWARD_ACCURACY.ordinal()]);
                add(train, step, losses.train());
                add(validation, step, losses.validation());
                if (wanted.contains(step)) {
                    lossesAt.put(step, losses);
                }
            }
        });
    }

    private static void add(Curve curve, long step, double value) {
        if (Double.isFinite(value)) {
            curve.add(step, value);
        }
    }

    /** @param steps the steps whose losses are wanted; if they are not those of the last call, the file is read from its beginning */
    synchronized Read of(List<Long> steps) {
        if (!wanted.equals(Set.copyOf(steps))) {
            wanted = Set.copyOf(steps);
            tail.restart();
        }
        tail.poll();
        SortedMap<Long, Map<String, Object>> curve = new TreeMap<>();
        put(curve, "train_loss", train.window(0, Long.MAX_VALUE, MOST_POINTS));
        put(curve, "val_loss", validation.window(0, Long.MAX_VALUE, MOST_POINTS));
        Map<Long, Map<String, Object>> found = new HashMap<>();
        lossesAt.forEach((step, losses) -> {
            Map<String, Object> one = row(step);
            one.put("train_loss", Double.isFinite(losses.train()) ? losses.train() : null);
            one.put("val_loss", Double.isFinite(losses.validation()) ? losses.validation() : null);
            found.put(step, one);
        });
        return new Read(List.copyOf(curve.values()), found, RunHistory.lossUnit(preferences));
    }

    private static void put(SortedMap<Long, Map<String, Object>> curve, String name, Curve.Window window) {
        for (int i = 0; i < window.steps().length; i++) {
            curve.computeIfAbsent(window.steps()[i], RunLosses::row).put(name, window.last()[i]);
        }
    }

    /** The row of a step at which nothing was measured. */
    static Map<String, Object> row(long step) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("step", step);
        row.put("train_loss", null);
        row.put("val_loss", null);
        return row;
    }
}
