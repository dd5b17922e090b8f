package inkling.serve.runs;

import inkling.inspect.RunHistory.Metric;
import inkling.inspect.metrics.Curve;
import inkling.serve.http.ApiFault;
import inkling.serve.http.Exchange;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A part of a run's curves as a document: {@code history} ({@link RunMetrics#history}), {@code last} (the last step of metrics.csv, or −1),
 * and {@code series}, by columns of metrics.csv. A point of a series may stand for several rows. A series has {@code steps} and
 * {@code last}, the step and value of each point's last row; if points stand for several rows, also {@code mean}, {@code low} and
 * {@code high}.
 *
 * @param after steps up to this one are left out; −1 leaves out none
 * @param to the last step
 * @param points the most points of a series
 */
record MetricsJson(long after, long to, int points) {
    static final int MOST_POINTS = 2_000;

    /** Reads {@code after} or {@code from}, {@code to} and {@code points} of the query. @throws ApiFault 400 if not whole numbers */
    static MetricsJson asked(Exchange exchange) {
        long after = whole(exchange, "after", whole(exchange, "from", 0) - 1);
        return new MetricsJson(after, whole(exchange, "to", Long.MAX_VALUE), (int) Math.max(1, Math.min(MOST_POINTS,
            whole(exchange, "points", MOST_POINTS))));
    }

    static long whole(Exchange exchange, String name, long otherwise) {
        return exchange.query(name).map(text -> {
            if (!text.matches("[0-9]{1,18}")) {
                throw ApiFault.field(name, "%s must be a whole number.".formatted(name));
            }
            return Long.parseLong(text);
        }).orElse(otherwise);
    }

    Map<String, Object> of(RunMetrics metrics) {
        return metrics.curves((figures, curves) -> {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("history", Long.toString(metrics.history()));
            json.put("last", figures.lastStep());
            Map<String, Object> series = new LinkedHashMap<>();
            curves.forEach((metric, curve) -> add(series, metric, curve.window(after + 1, to, points)));
            json.put("series", series);
            return json;
        });
    }

    private static void add(Map<String, Object> series, Metric metric, Curve.Window window) {
        if (window.steps().length == 0) {
            return;
        }
        Map<String, Object> one = new LinkedHashMap<>();
        one.put("steps", window.steps());
        one.put("last", window.last());
        if (window.each() > 1) {
            one.put("mean", window.mean());
            one.put("low", window.low());
            one.put("high", window.high());
        }
        series.put(metric.column(), one);
    }
}
