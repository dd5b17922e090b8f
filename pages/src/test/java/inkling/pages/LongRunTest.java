package inkling.pages;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.inspect.page.Browser;
import inkling.io.DirectoryLock;
import inkling.serve.RunFiles;
import inkling.serve.TestServer;
import inkling.serve.http.Limits;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How much time the browser takes for a run of a million rows, and how much memory for a page that stays open for long. */
@Tag("browser")
class LongRunTest {
    private static final int OPENINGS = 7;
    private static final int ZOOMS = 9;

    /** Milliseconds that a page may take on an idle machine. If other programs compute, too, it may take {@link #BUSY} times as long. */
    private static final int DRAW_MILLIS = 1_000;
    private static final int ZOOM_MILLIS = 100;
    private static final int BUSY = 5;

    /** Rows that are there when the page is opened. */
    private static final int BEFORE = 4_200;

    /** Updates between two evaluations. The number is large, because the page keeps a point for each evaluation. */
    private static final int EVALUATED = 250;

    /** The server sends at most 2,000 points of a curve; the steps of the evaluations are added to them. */
    private static final int MOST_POINTS = 2_700;
    private static final double MOST_GROWTH = 1.03;

    @TempDir Path folder;

    private static double measured(Dashboard dashboard, String what) {
        dashboard.page.until(what, () -> (Boolean) dashboard.page.browser.value("performance.getEntriesByName('" + what + "').length > 0"));
        return ((Number) dashboard.page.browser.value("performance.getEntriesByName('" + what + "')[0].duration")).doubleValue();
    }

    private static double median(List<Double> values) {
        return values.stream().sorted().skip(values.size() / 2).findFirst().orElseThrow();
    }

    /** Two times are measured: from the call of showRun to the drawn page, and from a key to the drawn zoom. */
    @Test void aMillionRowsAreDrawnAndZoomed() throws IOException {
        Path run = RunFiles.begin(folder, "million", 1_000_000);
        for (int from = 1; from < 1_000_000; from += 100_000) {
            RunFiles.append(run, RunFiles.rows(from, from + 99_999, 5_000));
        }
        try (TestServer server = TestServer.ofRuns(folder, TestServer.options(1, Limits.DEFAULT));
             Browser browser = Browser.open(1280, 900)) {
            Dashboard dashboard = new Dashboard(browser);
            List<Double> draws = new ArrayList<>();
            List<Double> zooms = new ArrayList<>();
            for (int i = 0; i < OPENINGS; i++) {
                dashboard.open(server.uri("/runs#run=million")).upTo(1_000_000);
                draws.add(measured(dashboard, "draw"));
            }
            assertTrue(dashboard.drawn("chart-loss", 1).size() <= 2_000, "so many points at most");
            dashboard.page.tabTo("#chart-loss .plot");
            for (int i = 0; i < ZOOMS; i++) {
                browser.driver().executeScript("performance.clearMeasures('zoom')");
                dashboard.page.press("+");
                zooms.add(measured(dashboard, "zoom"));
            }
            dashboard.page.until("every row of what is left", () -> dashboard.drawn("chart-loss", Dashboard.TRAIN).size() > 500);
            System.out.printf("1,000,000 rows: drawn in %.0f ms of %d (median of %s), a zoom in %.0f ms of %d (median of %s)%n",
                median(draws), DRAW_MILLIS, draws, median(zooms), ZOOM_MILLIS, zooms);
            assertTrue(median(draws) < BUSY * DRAW_MILLIS, "drawn too slowly: " + draws);
            assertTrue(median(zooms) < BUSY * ZOOM_MILLIS, "zoomed too slowly: " + zooms);
            dashboard.page.picture("runs-million");
            assertEquals(List.of(), browser.complaints(server.uri("/")));
        }
    }

    /** As many rows as a training logs in two hours at two rows a second. Each row is drawn when it comes. */
    @Test @Tag("long") void hoursOfTrainingLeaveThePagesMemoryAsItWas() throws Exception {
        follow(15_000, 1);
    }

    /** The same number of rows; ten rows come at once. */
    @Test void minutesOfTrainingLeaveThePagesMemoryAsItWas() throws Exception {
        follow(1_500, 10);
    }

    /**
     * Appends rows to a run; the next rows follow as soon as the last ones have come to the browser. The {@link Line} tells when they have
     * come, because a script in the page for each row would use more memory there than the page itself. The heap is measured whenever the
     * page has asked for the whole run again. The page does so after 1,000 new points, and then always holds about the same number of
     * points.
     */
    private void follow(int events, int rows) throws Exception {
        Path run = RunFiles.begin(folder, "tale", 20_000);
        RunFiles.append(run, RunFiles.rows(1, BEFORE, EVALUATED));
        RunFiles.samples(run, BEFORE);
        List<Long> heaps = new ArrayList<>();
        List<Long> nodes = new ArrayList<>();
        try (TestServer server = TestServer.ofRuns(folder, TestServer.options(1, Limits.DEFAULT));
             Line line = new Line(server.uri("/").getPort());
             Browser browser = Browser.open(1280, 900);
             DirectoryLock lock = DirectoryLock.acquire(run)) {
            Dashboard dashboard = new Dashboard(browser).open(line.uri().resolve("/runs#run=tale")).upTo(BEFORE);
            for (long step = BEFORE + rows; step <= BEFORE + (long) events * rows; step += rows) {
                RunFiles.append(run, RunFiles.rows(step - rows + 1, step, EVALUATED));
                line.untilAnswered("\"last\":" + step + ",");
                if (line.wasAsked("GET /inkling/v1/runs/tale/metrics ")) {
                    dashboard.upTo(step);
                    dashboard.page.until("the whole in fewer points", () -> points(browser) < MOST_POINTS);
                    measure(browser, heaps, nodes);
                }
            }
            System.out.printf("%,d rows, %d at once: heap after each 1,000 %s bytes, nodes %s%n", (long) events * rows, rows, heaps, nodes);
            assertTrue(heaps.size() >= 12, "it asks for the whole again and again: " + heaps);
            assertFlat(heaps, "the heap");
            assertFlat(nodes, "the page");
            assertEquals(List.of(), browser.complaints(line.uri()));
        }
    }

    private static long points(Browser browser) {
        return (Long) browser.value("document.getElementById('chart-loss').chart.drawn()[0].length");
    }

    private static void measure(Browser browser, List<Long> heaps, List<Long> nodes) {
        browser.driver().executeCdpCommand("HeapProfiler.collectGarbage", Map.of());
        Map<String, Object> counts = browser.driver().executeCdpCommand("Memory.getDOMCounters", Map.of());
        nodes.add(((Number) counts.get("nodes")).longValue());
        heaps.add(((Number) browser.driver().executeCdpCommand("Runtime.getHeapUsage", Map.of()).get("usedSize")).longValue());
    }

    /**
     * Compares the least value of the second half with that of the first. The first six values (6,000 rows) do not count, because the
     * browser compiles its scripts then. What the page keeps raises the least value, too. What the browser has not collected yet raises
     * only single values.
     */
    private static void assertFlat(List<Long> values, String what) {
        List<Long> settled = values.subList(6, values.size());
        int half = settled.size() / 2;
        long before = Collections.min(settled.subList(0, half));
        long after = Collections.min(settled.subList(settled.size() - half, settled.size()));
        assertTrue(after <= MOST_GROWTH * before, "%s grows from %,d to %,d: %s".formatted(what, before, after, values));
    }
}
