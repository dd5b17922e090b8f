package inkling.pages;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.inspect.RunHistory;
import inkling.inspect.RunHistory.Metric;
import inkling.inspect.page.Browser;
import inkling.io.DirectoryLock;
import inkling.serve.RunFiles;
import inkling.serve.TestServer;
import inkling.serve.http.Limits;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.Keys;

/** The dashboard shows what the files of run directories contain, also while they grow. */
@Tag("browser")
class RunsTest {
    private static Browser browser;

    @TempDir Path folder;
    private Path run;
    private TestServer server;
    private Dashboard dashboard;

    @BeforeAll static void open() throws IOException {
        browser = Browser.open(1280, 900);
    }

    @AfterAll static void close() throws IOException {
        browser.close();
    }

    @BeforeEach void start() throws IOException {
        run = RunFiles.begin(folder, "tale", 4_000);
        RunFiles.append(run, RunFiles.rows(1, 300, 25));
        RunFiles.samples(run, 300);
        server = TestServer.ofRuns(folder, TestServer.options(1, Limits.DEFAULT));
        dashboard = new Dashboard(browser);
        browser.resize(1280, 900);
        browser.dark(false);
    }

    @AfterEach void stop() {
        assertEquals(List.of(), browser.complaints(server.uri("/")));
        server.close();
        assertEquals(List.of(), server.faults());
    }

    private URI at(String fragment) {
        return server.uri("/runs" + fragment);
    }

    private static void same(RunHistory.Series expected, SortedMap<Long, Double> drawn) {
        assertEquals(expected.steps().length, drawn.size());
        for (int i = 0; i < expected.steps().length; i++) {
            assertEquals(expected.values()[i], drawn.get((long) expected.steps()[i]), 1e-6, "step " + expected.steps()[i]);
        }
    }

    @Test void theCurvesAreTheRowsOfTheFile() {
        dashboard.open(at("#run=tale"));
        RunHistory history = RunFiles.history(run);
        same(history.series(Metric.TRAIN_LOSS), dashboard.drawn("chart-loss", Dashboard.TRAIN));
        same(history.series(Metric.VAL_LOSS), dashboard.drawn("chart-loss", Dashboard.VALIDATION));
        same(history.series(Metric.LEARNING_RATE), dashboard.drawn("chart-rate", Dashboard.TRAIN));
        same(history.series(Metric.GRAD_NORM), dashboard.drawn("chart-norm", Dashboard.TRAIN));
        same(history.series(Metric.TOKENS_PER_SECOND), dashboard.drawn("chart-speed", Dashboard.TRAIN));
        SortedMap<Long, Double> smoothed = dashboard.drawn("chart-loss", Dashboard.SMOOTHED);
        assertEquals(300, smoothed.size());
        assertEquals(history.series(Metric.TRAIN_LOSS).values()[0], smoothed.get(1L), 1e-6, "it begins where the run began");
        assertEquals("What it writes after “Once”", dashboard.text(".samples h2"));
        assertFalse(dashboard.page.isThere("#chart-margin"), "only runs on preferences have this chart");
    }

    @Test void aRunIsFollowedWhileItIsTrained() throws IOException {
        try (DirectoryLock lock = DirectoryLock.acquire(run)) {
            dashboard.open(at("")).page.until("the run is in the list", () -> dashboard.text(".list").contains("300 of 4,000"));
            assertTrue(dashboard.text(".list").contains("training"), dashboard.text(".list"));
            dashboard.page.mark(".list a, .list input").tabTo(".list input");
            RunFiles.append(run, RunFiles.rows(301, 301, 25));
            dashboard.page.until("the list has the new row", () -> dashboard.text(".list").contains("301 of 4,000"));
            assertTrue(dashboard.page.stays(".list a, .list input"), "a click meanwhile is not lost");
            assertEquals(true, browser.value("document.activeElement.matches('.list input')"), "it keeps the focus");
            dashboard.page.click(".list a");
            dashboard.upTo(301);
            RunFiles.append(run, RunFiles.rows(302, 302, 25) + "303,1");
            dashboard.upTo(302);
            RunFiles.samples(run, 350);
            dashboard.page.until("the new sample", () -> dashboard.text(".sample-text").equals("Once upon 350"));
            same(RunFiles.history(run).series(Metric.TRAIN_LOSS), dashboard.drawn("chart-loss", Dashboard.TRAIN));
            assertTrue(dashboard.text(".place").contains("302 of 4,000 updates"), dashboard.text(".place"));
            assertTrue(dashboard.text(".place").contains("left"), dashboard.text(".place"));
            assertTrue(dashboard.page.isThere(".steering button:first-child"), "it can be stopped");
        }
        dashboard.page.until("that it has stopped", () -> dashboard.text(".place").contains("stopped"));
        String all = Files.readString(run.resolve("metrics.csv"));
        Files.writeString(run.resolve("metrics.csv"), all.substring(0, all.indexOf("\r\n101,") + 2));
        dashboard.upTo(100);
        same(RunFiles.history(run).series(Metric.TRAIN_LOSS), dashboard.drawn("chart-loss", Dashboard.TRAIN));
    }

    @Test void aClickOnTheCurveShowsWhatTheModelWroteThen() {
        dashboard.open(at("#run=tale")).page.until("the newest", () -> dashboard.text(".sample-text").equals("Once upon 300"));
        browser.resize(1280, 420);                                          // the samples are below the fold
        dashboard.clickAt(0.52);
        assertEquals(true, browser.value("(r => r.bottom <= innerHeight)(document.querySelector('.samples').getBoundingClientRect())"),
            "the sample is in view");
        browser.resize(1280, 900);
        dashboard.page.until("what it wrote at the click", () -> dashboard.text(".sample-text").equals("Once upon 150"));
        assertEquals("Once", dashboard.text(".sample-text .prompt"));
        dashboard.page.tabTo("#sample").press(Keys.ARROW_LEFT);
        dashboard.page.until("the one before", () -> dashboard.text(".sample-text").equals("Once upon 100"));
        assertEquals("step 100", dashboard.text(".strip .where"));
    }

    @Test void aZoomShowsThatPartAndAllOfItComesBack() throws IOException {
        RunFiles.append(run, RunFiles.rows(301, 4_000, 25));
        dashboard.open(at("#run=tale")).upTo(4_000);
        assertEquals(0, dashboard.drawn("chart-loss", Dashboard.TRAIN).size(), "a band instead");
        dashboard.drag(0.25, 0.5);
        dashboard.page.until("all rows of that part", () -> dashboard.drawn("chart-loss", Dashboard.TRAIN).size() > 900);
        String shown = dashboard.text(".tools");
        assertTrue(shown.contains("Steps 9") || shown.contains("Steps 1,0"), shown);
        dashboard.page.tabTo("#chart-loss .plot").press("0");
        dashboard.page.until("all steps again", () -> dashboard.drawn("chart-loss", Dashboard.TRAIN).isEmpty());
        dashboard.page.press(Keys.END);
        String readout = dashboard.text("#chart-loss .readout");
        assertTrue(readout.startsWith("step 4,000 · train ") && readout.contains("validation"), readout);
        dashboard.page.press("+");
        dashboard.page.until("a zoom by the keyboard", () -> dashboard.text(".tools").matches("(?s).*Steps 2,00\\d to 4,000.*"));
    }

    /** A page that comes over http from another machine may not copy: it selects the command instead. */
    @Test void aCommandThatCannotBeCopiedIsSelected() {
        dashboard.open(at("#run=tale")).page.until("it can go on", () -> dashboard.page.isThere(".steering button:nth-of-type(2)"));
        browser.driver().executeScript("Object.defineProperty(navigator, 'clipboard', {value: undefined})");
        dashboard.page.click(".steering button:nth-of-type(2)").click("dialog .command button")
            .until("it says so", () -> dashboard.text("dialog").contains("Ctrl+C"));
        assertEquals(dashboard.text("dialog code"), browser.value("getSelection().toString()"));
        dashboard.page.click("#no");
    }

    @Test void whatIsWrongIsSaid() throws IOException {
        RunFiles.append(run, "301,1,9.5,2.0,1e-3,NaN,4000,1\r\n" + RunFiles.rows(302, 303, 25));
        RunFiles.append(run, "400,1,1.2,2.1,,,,\r\n500,1,1.2,2.2,,,,\r\n");
        dashboard.open(at("#run=tale"));
        String warnings = dashboard.text(".warnings");
        for (String word : List.of("jumped from", "to 9.500 at step 301", "not finite", "Validation rises: 2.2000 at step 500")) {
            assertTrue(warnings.contains(word), warnings);
        }
        dashboard.open(at("")).page.until("a flag in the list", () -> dashboard.page.isThere(".flag"));
        dashboard.open(at("#run=nobody").resolve("/runs#")).page.until("the list", () -> dashboard.page.isThere(".list"));
    }

    /** The titles of the axes are read from the text that the page writes on its canvases. */
    @Test void theAxesSayWhatTheyCount() throws IOException {
        Path pairs = RunFiles.begin(folder, "pairs", 9);
        Files.writeString(pairs.resolve("metrics.csv"), Files.readString(pairs.resolve("metrics.csv")).strip() + ",val_reward_accuracy\r\n"
            + "1,64,0.7,0.69,1e-3,1,4000,1.5,0.5\r\n2,128,0.6,0.68,1e-3,1,4000,1.5,0.6\r\n");
        Object listener = browser.driver().executeCdpCommand("Page.addScriptToEvaluateOnNewDocument", Map.of("source", """
            window.written = [];
            const write = CanvasRenderingContext2D.prototype.fillText;
            CanvasRenderingContext2D.prototype.fillText = function (text, ...place) {
              written.push([this.canvas.closest('figure')?.id, text].join(': '));
              return write.call(this, text, ...place);
            };""")).get("identifier");
        try {
            dashboard.open(at("#run=tale")).upTo(300);
            Map.of("loss", "nats per token", "rate", "learning rate", "norm", "norm before clipping", "speed", "tokens per second")
                .forEach((chart, counts) -> {
                    for (String title : List.of("step", counts)) {
                        dashboard.page.until("the title of an axis, chart-%s: %s".formatted(chart, title),
                            () -> (Boolean) browser.value("written.includes('chart-%s: %s')".formatted(chart, title)));
                    }
                });
            dashboard.open(at("#compare=tale&compare=pairs")).page.until("both units of the losses",
                () -> (Boolean) browser.value("written.includes('chart-loss: nats per token, of preferences nats per pair')"));
        } finally {
            browser.driver().executeCdpCommand("Page.removeScriptToEvaluateOnNewDocument", Map.of("identifier", listener));
        }
    }

    @Test void severalRunsLieOverEachOtherWithWhatDiffers() throws IOException {
        Path wide = RunFiles.begin(folder, "wide", 4_000);
        Files.writeString(wide.resolve("config.yaml"), Files.readString(wide.resolve("config.yaml")).replace("n_embd: 16", "n_embd: 32"));
        RunFiles.append(wide, RunFiles.rows(1, 200, 20));
        dashboard.open(at("")).page.until("both runs", () -> dashboard.page.all(".list tbody tr").size() == 2);
        dashboard.page.tabTo(".list input").press(" ").press(Keys.TAB, Keys.TAB, " ").tabTo(".main").press(Keys.ENTER);
        dashboard.ready().page.until("what differs", () -> dashboard.page.isThere(".differences"));
        assertEquals("key tale wide\nmodel.n_embd 16 32", dashboard.text(".differences"));
        same(RunFiles.history(run).series(Metric.VAL_LOSS), dashboard.drawn("chart-loss", 1));
        same(RunFiles.history(wide).series(Metric.VAL_LOSS), dashboard.drawn("chart-loss", 2));
        dashboard.page.mark(".standings a");
        RunFiles.append(wide, RunFiles.rows(201, 220, 20));
        try (DirectoryLock lock = DirectoryLock.acquire(wide)) {
            dashboard.page.until("a new row", () -> dashboard.drawn("chart-loss", 2).containsKey(220L));
            dashboard.page.until("its standing", () -> dashboard.text(".standings").contains("220 of 4,000"));
        }
        assertTrue(dashboard.page.stays(".standings a"), "a click meanwhile is not lost");
        dashboard.page.picture("runs-several");
    }

    @Test void itFitsADeskAndAPhoneLightAndDark() throws IOException {
        RunFiles.append(RunFiles.begin(folder, "second-run-with-a-long-name-that-goes-on-and-on", 9), RunFiles.rows(1, 9, 3));
        for (String fragment : List.of("", "#run=tale", "#compare=tale&compare=second-run-with-a-long-name-that-goes-on-and-on")) {
            dashboard.open(at(fragment)).page.fits("runs" + fragment.replaceAll("=.*|#", ""));
        }
    }

    @Test void anEmptyFolderSaysHowToBegin(@TempDir Path empty) {
        try (TestServer other = TestServer.ofRuns(empty.resolve("none"), TestServer.options(1, Limits.DEFAULT))) {
            dashboard.open(other.uri("/runs"));
            assertTrue(dashboard.text("#runs").contains("./inkling train"), dashboard.text("#runs"));
            assertEquals(List.of(), browser.complaints(other.uri("/")));
        }
    }
}
