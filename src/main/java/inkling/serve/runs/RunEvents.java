package inkling.serve.runs;

import inkling.errors.InklingException;
import inkling.serve.http.ApiFault;
import inkling.serve.http.EventStream;
import inkling.serve.http.Exchange;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Streams to a page what is new about a run:
 *
 * <ul>
 *   <li>{@code run}: the run's status, if it has changed.
 *   <li>{@code metrics}: the rows of metrics.csv since the last event ({@link MetricsJson}).
 *   <li>{@code fault}: why the run cannot be read.
 * </ul>
 *
 * <p>A page that connects again says up to which step it has the rows. If metrics.csv was written anew in between, the page gets all rows.
 */
final class RunEvents {
    private final WatchedRuns runs;
    private final Duration look;
    private final Set<CountDownLatch> open = new HashSet<>();
    private boolean closed;

    /** @param look the time between two looks for something new */
    RunEvents(WatchedRuns runs, Duration look) {
        this.runs = runs;
        this.look = look;
    }

    /** What a page has got so far. */
    private static final class Known {
        private long after;
        private String history;
        private Map<String, Object> status = Map.of();
        private String fault = "";
    }

    /** Answers until the client leaves or the server closes. */
    void answer(Exchange exchange) throws IOException {
        String name = exchange.segment();
        runs.run(name);
        Known known = new Known();
        known.after = MetricsJson.whole(exchange, "after", -1);
        known.history = exchange.query("history").orElse("");
        CountDownLatch end = new CountDownLatch(1);
        if (!admit(end)) {
            throw ApiFault.unavailable("This server is stopping.");
        }
        try {
            exchange.whenAbandoned(end::countDown);
            EventStream events = exchange.events();
            long silent = System.nanoTime();
            do {
                Map<String, Object> news = news(name, known);
                if (!news.isEmpty()) {
                    events.send(news);
                    silent = System.nanoTime();
                } else if (System.nanoTime() - silent > exchange.ping().toNanos()) {
                    events.ping();
                    silent = System.nanoTime();
                }
            } while (!end.await(look.toMillis(), TimeUnit.MILLISECONDS));
            events.done();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            synchronized (this) {
                open.remove(end);
            }
        }
    }

    private synchronized boolean admit(CountDownLatch end) {
        return !closed && open.add(end);
    }

    private Map<String, Object> news(String name, Known known) {
        Map<String, Object> news = new LinkedHashMap<>();
        try {
            WatchedRun run = runs.run(name);
            WatchedRun.Look look = run.look();
            if (!look.status().equals(known.status)) {
                known.status = look.status();
                news.put("run", look.status());
            }
            if (isNew(look, known)) {
                addRows(news, run.metrics(), known);
            }
            known.fault = "";
        } catch (InklingException | ApiFault e) {   // the run is damaged, was removed, or is being resumed
            if (!news.isEmpty() || !e.getMessage().equals(known.fault)) {
                known.fault = e.getMessage();
                news.put("fault", e.getMessage());
            }
        }
        return news;
    }

    private static boolean isNew(WatchedRun.Look look, Known known) {
        if (!known.history.equals(Long.toString(look.history()))) {
            known.after = -1;
            return true;
        }
        return look.last() > known.after;
    }

    private static void addRows(Map<String, Object> news, RunMetrics metrics, Known known) {
        Map<String, Object> rows = new MetricsJson(known.after, Long.MAX_VALUE, MetricsJson.MOST_POINTS).of(metrics);
        rows.put("after", known.after);
        known.history = (String) rows.get("history");
        known.after = (long) rows.get("last");
        news.put("metrics", rows);
    }

    /** Ends all streams. */
    synchronized void close() {
        closed = true;
        open.forEach(CountDownLatch::countDown);
    }
}
