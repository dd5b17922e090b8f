package inkling.inspect.page;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.inspect.RunHistory;
import inkling.inspect.RunHistory.Row;
import inkling.inspect.page.ReportPage.Sample;
import inkling.model.config.GptOptions;
import inkling.perf.ParameterTally;
import inkling.tasks.TaskLog;
import inkling.tasks.TaskResult;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.interactions.Actions;

@Tag("thorough")
class ReportPageTest {
    private static final String HOSTILE = "</pre><script>document.title='owned'</script>\u001b[2J%s %n";
    private static final ParameterTally TALLY = ParameterTally.of(GptOptions.DEFAULT.over(1024));

    /** The shape of a real run: a falling noisy loss, warm-up and cosine, an evaluation every 250 steps. */
    private static RunHistory history() {
        Random random = new Random(5);
        List<Row> rows = new ArrayList<>();
        for (int step = 0; step <= 2000; step += 10) {
            double trend = 3.4 + 3.5 * Math.exp(-step / 250.0);
            double rate = step < 100 ? 1e-3 * step / 100 : 1e-4 + 9e-4 * 0.5 * (1 + Math.cos(Math.PI * (step - 100) / 1900));
            rows.add(new Row(step, step * 2048L, new double[] {
                step == 0 ? Double.NaN : trend + 0.08 * random.nextGaussian(),
                step % 250 == 0 ? trend + 0.15 : Double.NaN,
                step == 0 ? Double.NaN : rate,
                step == 0 ? Double.NaN : (0.6 + 4 * Math.exp(-step / 90.0)) * Math.exp(0.25 * random.nextGaussian()),
                step == 0 ? Double.NaN : 9000 + 400 * random.nextGaussian()}));
        }
        return new RunHistory(rows);
    }

    static String page() {
        String prose = "Nell was the old man, and the child had been a little while the old man had been the house, and said the old man,"
            + " with a great deal of his hand upon the door.\n\n'I don't know,' said the child. 'It is a very good thing.'\n";
        return ReportPage.html("dickens", history(), TALLY, "name: dickens\nseed: 1337\nmodel:\n  n_layer: 4\n# " + HOSTILE + "\n",
            List.of(new Sample(2000, prose), new Sample(500, "\nthe the of and" + HOSTILE), new Sample(1000, prose.substring(40))));
    }

    @Test void isValidAndSelfContainedWhateverTheModelWrote() throws Exception {
        String html = page();
        ValidHtml.check(html);
        ValidHtml.checkSelfContained(html);
        assertFalse(html.contains("\u001b") || html.contains("<script>document.title"));
        assertTrue(html.contains("\\x1b[2J%s %n"), "a model's text is not taken for a format string");
    }

    @Test void tellsTheBestEvaluationAndTheSamplesInOrder() {
        String html = page();
        assertTrue(html.contains("Gradient norm: how steep the loss was"), "the page explains its terms");
        assertTrue(html.contains("<dd class=\"number\">3.5512</dd><dd class=\"note\">at step 2,000, perplexity 34.85</dd>"), html);
        assertTrue(html.indexOf(">step 500<") < html.indexOf(">step 1,000<"));
        assertTrue(html.indexOf(">step 1,000<") < html.indexOf(">step 2,000<"));
        assertTrue(html.contains("2,000 updates on 4,096,000 tokens"));
        assertTrue(html.contains("<pre>\n\nthe the of"), "HTML drops the first newline in pre; the text's own is the second");
    }

    @Test void theSharesOfTheParametersAreThoseOfTheTable() {
        List<String> shares = Pattern.compile("<span class=\"number\">([0-9.]+) %</span>").matcher(page()).results()
            .map(found -> found.group(1)).toList();
        assertEquals(TALLY.toText().lines().filter(line -> line.contains("%") && !line.startsWith("stored"))
            .map(line -> line.replaceAll(".* ([0-9.]+)%.*", "$1")).toList(), shares);
        assertTrue(page().contains("<th scope=\"row\">unembedding</th><td>1,024 × 128</td><td class=\"number\">the embedding</td>"));
    }

    @Test void aRunWithoutRowsOrSamplesStillMakesAPage() throws Exception {
        String html = ReportPage.html("new", new RunHistory(List.of()), TALLY, "name: new\n", List.of());
        ValidHtml.check(html);
        assertTrue(html.contains("has not logged anything yet"));
        assertFalse(html.contains("<svg"));
    }

    @Test void tasksStandBesideTheCurves() throws Exception {
        TaskResult acc = new TaskResult("hellaswag", Path.of("h.jsonl"), "acc", 0.2604, OptionalDouble.of(0.0043), 10_042,
            OptionalDouble.of(0.25));
        TaskResult later = new TaskResult("hellaswag", Path.of("h.jsonl"), "acc", 0.31, OptionalDouble.of(0.0046), 10_042,
            OptionalDouble.of(0.25));
        TaskResult word = new TaskResult("lambada<b>", Path.of("l.jsonl"), "perplexity", 41.5, OptionalDouble.empty(), 1,
            OptionalDouble.empty());
        String html = ReportPage.html("dickens", history(), TALLY, "name: dickens\n", List.of(),
            List.of(new TaskLog.Row(500, acc), new TaskLog.Row(1000, later), new TaskLog.Row(1000, word)));
        ValidHtml.check(html);
        assertTrue(html.contains("<th scope=\"row\">hellaswag</th><td>acc</td><td class=\"number\">500</td><td "
            + "class=\"number\">26.04 %</td>"
            + "<td class=\"number\">0.43 %</td><td class=\"number\">25.00 %</td><td class=\"number\">10,042</td>"), html);
        assertTrue(html.contains("lambada&lt;b&gt;</th><td>perplexity</td><td class=\"number\">1,000</td><td class=\"number\">41.50</td>"),
            html);
        assertTrue(html.contains("Right answers, share"), "a curve of two checkpoints");
        String once = ReportPage.html("dickens", history(), TALLY, "name: dickens\n", List.of(), List.of(new TaskLog.Row(500, acc)));
        assertFalse(once.contains("Right answers, share"), "no curve of one");
        assertFalse(page().contains("<h2>Tasks</h2>"));
    }

    @Test void aTaskMeasuredWithTwoFilesIsTwoCurves() throws Exception {
        List<TaskLog.Row> rows = new ArrayList<>();
        for (int step : new int[] {500, 1000}) {
            for (String file : List.of("easy.jsonl", "a<b>.jsonl")) {
                rows.add(new TaskLog.Row(step, new TaskResult("arc", Path.of(file), "acc",
                    (file.equals("easy.jsonl") ? 0.5 : 0.25) + step / 1e4, OptionalDouble.empty(), 10, OptionalDouble.of(0.25))));
            }
            rows.add(new TaskLog.Row(step, new TaskResult("piqa", Path.of("valid.jsonl"), "acc", 0.6, OptionalDouble.empty(), 10,
                OptionalDouble.of(0.5))));
        }
        String html = ReportPage.html("dickens", history(), TALLY, "name: dickens\n", List.of(), rows);
        ValidHtml.check(html);
        List<SvgChart.Line> lines = new TaskTable(rows).chart().lines();
        assertEquals(List.of("arc (easy.jsonl) acc", "arc (a<b>.jsonl) acc", "piqa acc"), lines.stream().map(SvgChart.Line::name).toList());
        lines.forEach(line -> assertArrayEquals(new double[] {500, 1000}, line.x(), line.name()));
        assertTrue(html.contains("<th scope=\"row\">arc (a&lt;b&gt;.jsonl)</th>") && html.contains("<th scope=\"row\">piqa</th>"), html);
    }

    private static TaskLog.Row measured(long step, String file) {
        return new TaskLog.Row(step, new TaskResult("arc", Path.of(file), "acc", 0.5, OptionalDouble.empty(), 10, OptionalDouble.of(0.25)));
    }

    @Test void aFileIsOneCurveHoweverItsPathIsWritten() {
        Path easy = Path.of("easy.jsonl").toAbsolutePath();
        TaskTable one = new TaskTable(List.of(measured(500, "easy.jsonl"), measured(1000, "./easy.jsonl"),
            measured(1500, easy.toString())));
        assertEquals(List.of("arc acc"), one.chart().lines().stream().map(SvgChart.Line::name).toList());
        assertArrayEquals(new double[] {500, 1000, 1500}, one.chart().lines().get(0).x());
        List<TaskLog.Row> rows = new ArrayList<>();
        for (int step : new int[] {500, 1000}) {
            List.of("easy.jsonl", "old/easy.jsonl", "old/../hard.jsonl").forEach(file -> rows.add(measured(step, file)));
        }
        assertEquals(List.of("arc (%s) acc".formatted(easy), "arc (%s) acc".formatted(easy.resolveSibling("old").resolve("easy.jsonl")),
            "arc (hard.jsonl) acc"), new TaskTable(rows).chart().lines().stream().map(SvgChart.Line::name).toList());
    }

    @Nested
    @Tag("browser")
    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    class InARealBrowser {
        private Browser browser;
        private WebElement loss;

        @BeforeAll void open() throws Exception {
            browser = Browser.open(1200, 900);
        }

        @AfterAll void close() throws Exception {
            if (browser != null) {
                browser.close();
            }
        }

        @BeforeEach void show() throws Exception {
            browser.show(page());
            loss = browser.driver().findElement(By.cssSelector("#loss .wide svg"));
        }

        private String readout() {
            return browser.driver().findElement(By.cssSelector("#loss .readout")).getText();
        }

        @Test void keysAndPointerReadTheCurves() {
            loss.sendKeys(Keys.HOME);
            assertEquals("step 0 · validation 7.05", readout());
            loss.sendKeys(Keys.END);
            assertTrue(readout().matches("step 2,000 · train 3\\.\\d+ · validation 3\\.5512"), readout());
            new Actions(browser.driver()).moveToElement(loss).perform();
            assertTrue(readout().matches("step 9[0-9]0 · train 3[.0-9]+"), readout());
            assertEquals(List.of(), browser.errors());
        }

        @Test void theScaleSwitchesAndTheMarkerStaysOnTheCurve() {
            WebElement button = browser.driver().findElement(By.cssSelector("#loss .switch-scale"));
            assertEquals("Scale: linear", button.getText());
            assertTrue(curve("linear").contains("L" + marker()), marker());
            button.click();
            assertEquals("Scale: logarithmic", button.getText());
            assertFalse(curve("linear").contains("L" + marker()), "another scale, another height");
            assertTrue(curve("log").contains("L" + marker()), marker());
        }

        /** The coordinates of the training loss's marker at step 110, written as in the curve's path. */
        private String marker() {
            loss.sendKeys(Keys.HOME, Keys.PAGE_DOWN, Keys.ARROW_RIGHT);
            String dot = "document.querySelector('#loss .wide path.cursor + circle')";
            return (String) browser.value("['cx', 'cy'].map(name => Number(%s.getAttribute(name)).toFixed(1)).join(' ')".formatted(dot));
        }

        private String curve(String scale) {
            return (String) browser.value("document.querySelector('#loss .wide [data-scale=%s] .thin').getAttribute('d')".formatted(scale));
        }

        @Test void fitsAPhone() throws Exception {
            browser.resize(390, 844);
            browser.show(page());
            assertFalse(browser.scrollsSideways());
            assertTrue(browser.driver().findElement(By.cssSelector("#loss .narrow svg")).isDisplayed());
            assertFalse(browser.driver().findElement(By.cssSelector("#loss .wide svg")).isDisplayed());
            browser.resize(1200, 900);
        }
    }
}
