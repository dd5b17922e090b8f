package inkling.serve.runs;

import inkling.inspect.RunHistory.Metric;
import inkling.inspect.metrics.Curve;
import inkling.inspect.metrics.MetricsTail;
import inkling.inspect.metrics.RunFigures;
import inkling.train.MetricsCsv;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * Reads the {@code metrics.csv} of one run as it grows. It always keeps the figures. It drops the curves at {@link #forgetCurves}, and
 * reads them again at the next call of {@link #curves}. For any number of threads.
 */
final class RunMetrics {
    private static final AtomicLong HISTORIES = new AtomicLong(System.nanoTime());

    private final MetricsTail tail;
    private final RunFigures figures = new RunFigures();
    private final Map<Metric, Curve> curves = new LinkedHashMap<>();
    private boolean keepsCurves = true;
    private long history = HISTORIES.incrementAndGet();

    RunMetrics(Path run) {
        tail = new MetricsTail(run.resolve(MetricsCsv.FILE_NAME), new MetricsTail.Rows() {
            @Override
            public void begin() {
                figures.begin();
                curves.values().forEach(Curve::clear);
                history = HISTORIES.incrementAndGet();
            }

            @Override
            public void row(long step, long tokens, double[] values) {
                figures.row(step, tokens, values);
                for (Metric metric : keepsCurves ? Metric.values() : new Metric[0]) {
                    if (Double.isFinite(values[metric.ordinal()])) {
                        curves.computeIfAbsent(metric, m -> new Curve()).add(step, values[metric.ordinal()]);
                    }
                }
            }
        });
    }

    /**
     * A number that stays the same as long as rows are only added. It changes when rows that were read have changed or are gone, e.g. after
     * a resume at an earlier step, and when the server is started again.
     */
    synchronized long history() {
        return history;
    }

    /** Reads what was written since the last call, and gives the figures to {@code teller}. */
    synchronized <T> T figures(Function<RunFigures, T> teller) {
        tail.poll();
        return teller.apply(figures);
    }

    /**
     * Reads what was written since the last call, and gives the curves that have at least one point to {@code teller}.
     *
     * @param teller must not keep the curves
     */
    synchronized <T> T curves(BiFunction<RunFigures, Map<Metric, Curve>, T> teller) {
        if (!keepsCurves) {
            tail.poll();   // begins a new history if the file was written anew since the last look
            long same = history;
            keepsCurves = true;
            tail.restart();
            history = same;   // restart() has changed it, but the rows are the same
        }
        tail.poll();
        Map<Metric, Curve> there = new LinkedHashMap<>(curves);
        there.values().removeIf(curve -> curve.size() == 0);
        return teller.apply(figures, there);
    }

    /** The memory that the curves take. */
    synchronized long bytes() {
        return curves.values().stream().mapToLong(Curve::bytes).sum();
    }

    synchronized void forgetCurves() {
        keepsCurves = false;
        curves.clear();
    }
}
