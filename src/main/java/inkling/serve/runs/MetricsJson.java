package inkling.serve.runs;

import inkling.inspect.RunHistory.Metric;
import inkling.inspect.metrics.Curve;
import inkling.serve.http.ApiFault;
import inkling.serve.http.Exchange;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A part of a run's curves as JSON:
 *
 * <ul>
 *   <li>{@code history}: {@link RunMetrics#history}.
 *   <li>{@code last}: the last step of metrics.csv, or −1.
 *   <li>{@code series}: a curve for each {@link Metric} that has values in this part, by the name of its column in metrics.csv.
 * </ul>
 *
 * <p>A point of a curve may stand for several rows. A curve's {@code steps} and {@code last} are the step and the value of each point's
 * last row. If points stand for several rows, the curve also has {@code mean}, {@code low} and {@code high} of each point's rows.
 *
 * @param after steps up to this step are left out; −1 leaves out none
 * @param to the last step that is not left out
 * @param points the most points of a curve
 */
record MetricsJson(long after, long to, int points) {
    static final int MOST_POINTS = 2_000;

    /**
     * Reads {@code after} or {@code from}, {@code to} and {@code points} of the query.
     *
     * @throws ApiFault 400 if one is not a whole number of 1 to 18 digits, e.g. if it is negative
     */
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
