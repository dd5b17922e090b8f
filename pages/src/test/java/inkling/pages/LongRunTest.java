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
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs of a million rows, and pages that stay open for long: what the browser takes for them in time and memory. */
@Tag("browser")
class LongRunTest {
    private static final int OPENINGS = 7;
    private static final int ZOOMS = 9;

    @TempDir Path folder;

    private static double measured(Dashboard dashboard, String what) {
        dashboard.page.until(what, () -> (Boolean) dashboard.page.browser.value("performance.getEntriesByName('" + what + "').length > 0"));
        return ((Number) dashboard.page.browser.value("performance.getEntriesByName('" + what + "')[0].duration")).doubleValue();
    }

    private static double median(List<Double> values) {
        return values.stream().sorted().skip(values.size() / 2).findFirst().orElseThrow();
    }

    /** From the script's first line to the drawn page, and from a key to the drawn zoom. The times are told; a machine may be busy. */
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
            System.out.printf("1,000,000 rows: drawn in %.0f ms (median of %s), a zoom in %.0f ms (median of %s)%n", median(draws), draws,
                median(zooms), zooms);
            dashboard.page.picture("runs-million");
            assertEquals(List.of(), browser.complaints(server.uri("/")));
        }
    }

    /** An hour of a training that logs twice in a second: 7,200 rows, each drawn as it comes. */
    @Test @Tag("long") void anHourOfTrainingLeavesThePagesMemoryAsItWas() throws IOException {
        follow(7_200);
    }

    /** Some minutes of it. */
    @Test void minutesOfTrainingLeaveThePagesMemoryAsItWas() throws IOException {
        follow(600);
    }

    /** Waits in the page itself, which is faster than to ask it again and again. */
    private static void drawn(Browser browser, long step) {
        browser.driver().executeAsyncScript("""
            const [step, done] = arguments, page = document.getElementById('runs');
            const look = () => page.dataset.after === step && (seen.disconnect(), done());
            const seen = new MutationObserver(look);
            seen.observe(page, {attributes: true});
            look();""", Long.toString(step));
    }

    private void follow(int rows) throws IOException {
        Path run = RunFiles.begin(folder, "tale", 20_000);
        RunFiles.append(run, RunFiles.rows(1, 4_200, 25));
        RunFiles.samples(run, 4_200);
        try (TestServer server = TestServer.ofRuns(folder, TestServer.options(1, Limits.DEFAULT));
             Browser browser = Browser.open(1280, 900);
             DirectoryLock lock = DirectoryLock.acquire(run)) {
            Dashboard dashboard = new Dashboard(browser).open(server.uri("/runs#run=tale")).upTo(4_200);
            List<Long> heaps = new ArrayList<>();
            List<Long> nodes = new ArrayList<>();
            for (int part = 0; part < 5; part++) {   // the first is for the browser to come to rest
                for (int row = 0; row < rows / 5; row++) {
                    long step = 4_200 + (long) part * (rows / 5) + row + 1;
                    RunFiles.append(run, RunFiles.rows(step, step, 25));
                    drawn(browser, step);
                }
                browser.driver().executeCdpCommand("HeapProfiler.collectGarbage", Map.of());
                Map<String, Object> counts = browser.driver().executeCdpCommand("Memory.getDOMCounters", Map.of());
                nodes.add(((Number) counts.get("nodes")).longValue());
                heaps.add(((Number) browser.driver().executeCdpCommand("Runtime.getHeapUsage", Map.of()).get("usedSize")).longValue());
            }
            System.out.printf("%,d rows, one by one: heap after each fifth %s bytes, nodes %s%n", rows, heaps, nodes);
            assertTrue(heaps.get(4) < 1.25 * heaps.get(0), "the heap grows: " + heaps);   // up to 1,000 points come one by one
            assertTrue(nodes.get(4) < 1.1 * nodes.get(0), "the page grows: " + nodes);
            assertEquals(List.of(), browser.complaints(server.uri("/")));
        }
    }
}
