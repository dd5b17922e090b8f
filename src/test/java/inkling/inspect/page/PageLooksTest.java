package inkling.inspect.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import inkling.engine.Devices;
import inkling.generate.SamplingOptions;
import inkling.inspect.ContextCurve;
import inkling.inspect.RunHistory;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.openqa.selenium.By;

/** What a reader sees of a page, measured in a browser: contrasts, what is on the first screen, what overlaps. */
@Tag("thorough")
@Tag("browser")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PageLooksTest {
    private static final int WIDE = 1280;
    private static final int PHONE = 390;
    /** Shared by the scripts of these tests: an element's colour as painted over the page's, its relative luminance, and contrast. */
    private static final String COLOURS = """
        const numbers = text => text.match(/[\\d.]+/g).map(Number);
        const paper = numbers(getComputedStyle(document.documentElement).backgroundColor);
        const over = text => { const [r, g, b, a = 1] = numbers(text); return [r, g, b].map((v, i) => paper[i] + a * (v - paper[i])); };
        const light = rgb => rgb.map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
          .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
        const contrast = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        """;

    private Browser browser;
    private Map<String, String> pages;

    @BeforeAll void open() throws Exception {
        browser = Browser.open(WIDE, 800);
        try (NDManager manager = Devices.manager(Device.cpu())) {
            pages = new FlowPages(manager).pages;
        }
    }

    @AfterAll void close() throws Exception {
        if (browser != null) {
            browser.close();
        }
    }

    private void show(String html, int width, boolean dark) throws Exception {
        browser.resize(width, width == PHONE ? 844 : 800);
        browser.dark(dark);
        browser.show(html);
    }

    private double number(String expression) {
        return ((Number) browser.value(expression)).doubleValue();
    }

    private Object run(String script) {
        return browser.driver().executeScript(COLOURS + script);
    }

    /**
     * The table begins at the prompt's first token. Its last column, which stays in sight, has the prediction of the token after the
     * prompt. That cell is chosen and described.
     */
    @Test void theLensShowsFirstAndLastColumnAndUsesTheHeight() throws Exception {
        for (int width : new int[] {WIDE, PHONE}) {
            show(pages.get("lens"), width, false);
            assertEquals(0, number("document.querySelector('.scroll').scrollLeft"), 0, "not scrolled sideways at " + width);
            assertEquals(1L, browser.value("[...document.querySelectorAll('#grid tbody tr:last-child button')].reverse()"
                + ".findIndex(b => b.getAttribute('aria-pressed') === 'true') + 1"), "the described cell is in the last column");
            assertEquals(true, browser.value("(() => { const box = document.querySelector('#grid [aria-pressed=true]')"
                + ".getBoundingClientRect(); return box.left >= 0 && box.right <= innerWidth; })()"), "the cell is in sight at " + width);
            boolean cut = number("document.querySelector('.scroll').scrollWidth - document.querySelector('.scroll').clientWidth") > 1;
            assertTrue(cut, "the prompt is longer than the window, or this test shows nothing");
            browser.driver().executeScript("document.querySelector('.scroll').style.scrollBehavior = 'auto'; Element.prototype.scrollBy = "
                + "function (by) { this.scrollLeft += by.left; }");
            assertFalse(browser.driver().findElement(By.id("earlier")).isEnabled(), "at the first column there is nothing earlier");
            browser.driver().executeScript("document.getElementById('later').click()");
            assertTrue(number("document.querySelector('.scroll').scrollLeft") > 0, "a button moves the columns at " + width);
        }
        show(pages.get("lens"), WIDE, false);
        double end = number("document.getElementById('grid').getBoundingClientRect().bottom");
        assertTrue(end > 600 && end <= 800, "the table ends at %.0f of 800 pixels".formatted(end));
    }

    @Test void everyCellOfTheLensCanBeRead() throws Exception {
        for (boolean dark : new boolean[] {false, true}) {
            for (String shade : List.of("probability", "certainty", "agreement")) {
                show(pages.get("lens"), WIDE, dark);
                browser.driver().executeScript("document.querySelector('input[value=" + shade + "]').click()");
                double least = ((Number) run("return Math.min(...[...document.querySelectorAll('#grid button')].map(b => { const style = "
                    + "getComputedStyle(b); return contrast(light(over(style.backgroundColor)), light(over(style.color))); }))"))
                    .doubleValue();
                assertTrue(least >= 4.5, "%s, dark %s: %.2f : 1".formatted(shade, dark, least));
            }
        }
    }

    @Test void theAttentionMapIsOnTheFirstScreen() throws Exception {
        for (int width : new int[] {WIDE, PHONE}) {
            show(pages.get("attention"), width, false);
            double end = number("document.getElementById('map').getBoundingClientRect().bottom");
            assertTrue(end <= number("innerHeight"), "at %d pixels it ends at %.0f".formatted(width, end));
        }
        show(pages.get("attention"), WIDE, false);
        double heads = number("document.getElementById('heads').getBoundingClientRect().bottom");
        assertTrue(heads <= 800, "the small maps end at " + heads);
        assertEquals("1", browser.driver().findElement(By.cssSelector("#heads .row:nth-child(2) > span")).getText(), "layers count from 1");
    }

    @Test void theShadesOfATranscriptCanBeToldApart() throws Exception {
        String html = TranscriptPageTest.page(40, SamplingOptions.DEFAULT.withMaxTokens(3));
        for (boolean dark : new boolean[] {false, true}) {
            show(html, WIDE, dark);
            List<?> shades = (List<?>) run("const lightness = y => y > 0.008856 ? 116 * Math.cbrt(y) - 16 : 903.3 * y;"
                + "return [paper, ...[...document.querySelectorAll('.legend .token-shade')].map(e => "
                + "over(getComputedStyle(e).backgroundColor))].map(rgb => lightness(light(rgb)))");
            assertEquals(5, shades.size(), "shades of the page, and of 1, 10, 50 and 100 %");
            for (int i = 1; i < shades.size(); i++) {
                double apart = Math.abs(((Number) shades.get(i)).doubleValue() - ((Number) shades.get(i - 1)).doubleValue());
                assertTrue(apart >= 6, "dark %s, shade %d: %.1f of L* from the one before".formatted(dark, i, apart));
            }
            double read = ((Number) run("const last = [...document.querySelectorAll('.legend .token-shade')].pop(), style = "
                + "getComputedStyle(last);"
                + "return contrast(light(over(style.backgroundColor)), light(over(style.color)))")).doubleValue();
            assertTrue(read >= 4.5, "text on the deepest shade has %.2f : 1".formatted(read));
        }
    }

    @Test void aTranscriptsSheetIsFoldedOnAPhoneAlone() throws Exception {
        String html = TranscriptPageTest.page(40, SamplingOptions.DEFAULT.withMaxTokens(3));
        show(html, PHONE, false);
        double folded = number("document.querySelector('.panel').offsetHeight");
        assertTrue(folded < 844 / 5.0, "the sheet has " + folded + " pixels of 844");
        assertFalse(browser.driver().findElement(By.id("bars")).isDisplayed());
        browser.driver().findElement(By.id("fold")).click();
        assertTrue(browser.driver().findElement(By.id("bars")).isDisplayed());
        show(html, WIDE, false);
        assertTrue(browser.driver().findElement(By.id("bars")).isDisplayed());
        assertFalse(browser.driver().findElement(By.id("fold")).isDisplayed());
    }

    @Test void namesOfAComparisonStandOnTheirBarsAndThePhoneKeepsTheChange() throws Exception {
        for (int width : new int[] {WIDE, PHONE}) {
            show(pages.get("compare"), width, false);
            double off = number("Math.max(...[...document.querySelectorAll('#rows tr')].map(row => { const middle = e => { const box = "
                + "e.getBoundingClientRect(); return (box.top + box.bottom) / 2; }; const range = document.createRange(); "
                + "range.selectNodeContents(row.querySelector('th')); return Math.abs(middle(range) - middle(row.querySelector('.right i, "
                + ".side:not(.left) i'))); }))");
            assertTrue(off <= 1.5, "at %d pixels a name is %.1f pixels off its bar".formatted(width, off));
            assertTrue(browser.driver().findElement(By.cssSelector("#rows .change")).isDisplayed());
            assertFalse(browser.scrollsSideways());
        }
    }

    @Test void aSmallChangeIsNoZeroWithASign() throws Exception {
        String rows = "\"rows\":[{\"label\":\"a\",\"with\":0.3,\"without\":0.331},{\"label\":\"b\",\"with\":0.0104,\"without\":0.01},"
            + "{\"label\":\"c\",\"with\":0.0104,\"without\":0.01041}]";
        show(pages.get("compare").replaceFirst("\"rows\":\\[.*?}]", rows), WIDE, false);
        assertEquals(List.of("−3.1 points", "+0.04 points", "0.00 points"), browser.value(
            "[...document.querySelectorAll('#rows .change')].map(e => e.textContent)"));
    }

    @Test void bothAxesOfATracesStepsHaveTitles() throws Exception {
        for (int width : new int[] {WIDE, PHONE}) {
            show(pages.get("trace"), width, false);
            assertEquals(List.of("angle between the two vectors", "after block"),
                browser.value("[...document.querySelectorAll('#stairs .title')].map(e => e.textContent)"));
            assertEquals(true, browser.value("[...document.querySelectorAll('#stairs .title')].every(e => { "
                + "const box = e.getBBox(); return "
                + "box.y >= 0 && box.x + box.width <= 500 && box.y + box.height <= 364; })"), "the titles are inside the picture");
        }
    }

    @Test void whatIsBelowZeroHasAMinusSign() throws Exception {
        for (Map.Entry<String, String> page : pages.entrySet()) {
            show(page.getValue().replaceAll("\"cosine\":(?=[0-9])", "\"cosine\":-"), WIDE, false);
            assertEquals(List.of(), browser.value("[...document.querySelectorAll('dd, td, text, .number, .figure')]"
                + ".map(e => e.textContent).filter(text => /^ *-[0-9.]/.test(text))"), page.getKey());
        }
        assertEquals(List.of("−0.25", "0.00", "0.10"), browser.value("[-0.25, -0.001, 0.1].map(v => inkling.decimal(v, 2))"));
        String worse = risingCurve();
        assertTrue(worse.contains("−2.5") && !worse.contains(">-"), "with a longer context this loss rises");
    }

    private static String risingCurve() {
        double[] rising = {1, 2, 3, 4};
        return ContextPage.html("m", "t", new ContextCurve(rising, rising, rising, rising, 1), Optional.empty());
    }

    @Test void numbersStandOnOneLineOnAPhone() throws Exception {
        RunHistory history = RunComparisonPageTest.history(4, 2.2512, 3.1234);
        List<RunComparisonPage.Run> runs = List.of(new RunComparisonPage.Run("macbeth", "stopped early", history),
            new RunComparisonPage.Run("narrower", "finished", history));
        for (String page : List.of(RunComparisonPage.html("two", runs, List.of()), risingCurve())) {
            show(page, PHONE, false);
            assertEquals(List.of(), browser.value("[...document.querySelectorAll('td.number, dd.number')].filter(e => { const range = "
                + "document.createRange(); range.selectNodeContents(e); return new Set([...range.getClientRects()].map(box => "
                + "Math.round(box.top))).size > 1; }).map(e => e.textContent)"));
            assertFalse(browser.scrollsSideways());
        }
    }

    @Test void smallMapsOfHeadsCanBeSeenOnAPhone() throws Exception {
        show(pages.get("attention"), PHONE, false);
        double side = number("document.querySelector('#heads canvas').getBoundingClientRect().width");
        assertTrue(side >= 40, "a small map is %.0f pixels wide".formatted(side));
    }

    @Test void labelsOfATraceTouchNoLine() throws Exception {
        for (int width : new int[] {WIDE, PHONE}) {
            show(pages.get("trace"), width, false);
            String hits = """
                const svg = document.getElementById('paths'), found = [];
                for (const text of svg.querySelectorAll('text')) {
                  const box = text.getBBox();
                  for (const path of svg.querySelectorAll('path')) {
                    for (let at = 0, end = path.getTotalLength(); at <= end; at += 0.5) {
                      const p = path.getPointAtLength(at);
                      if (p.x > box.x && p.x < box.x + box.width && p.y > box.y + 2 && p.y < box.y + box.height - 2) {
                        found.push(text.textContent);
                        break;
                      }
                    }
                  }
                }
                return found;""";
            for (int layer = 1; layer <= 4; layer++) {
                browser.driver().executeScript("document.querySelector('#rows tr:nth-child(" + layer + ") button').click()");
                assertEquals(List.of(), browser.driver().executeScript(hits), "at %d pixels, layer %d".formatted(width, layer));
            }
        }
    }

    @Test void theTourUsesItsWidth() throws Exception {
        show(pages.get("tour"), WIDE, false);
        double used = number("Math.min(...['#lookup + div', '#tower', '#arithmetic', '#scores', '#odds'].map(css => "
            + "document.querySelector(css).getBoundingClientRect().right))");
        assertTrue(used > 0.9 * WIDE, "what a stop shows ends at %.0f of 1,280 pixels".formatted(used));
        for (String stop : List.of("norm", "attention", "mlp")) {
            double beside = number("document.querySelector('#" + stop
                + " > p').getBoundingClientRect().top - document.querySelector('#" + stop
                + " > div').getBoundingClientRect().top");
            assertTrue(Math.abs(beside) < 120, stop + ": words and picture stand side by side");
        }
    }

    @Test void theContextCurveIsSmootherThanItsDots() throws Exception {
        show(pages.get("context"), WIDE, false);
        assertEquals(40, browser.driver().findElements(By.cssSelector("#curve circle.each")).size(), "a dot for each number of tokens");
        String turns = "(points => points.slice(2).filter((p, i) => (p - points[i + 1]) * (points[i + 1] - points[i]) < 0).length)";
        double smooth = number(turns + "(inkling.data('context').smooth)");
        double each = number(turns + "(inkling.data('context').loss)");
        assertTrue(smooth < each, "the smooth curve turns %.0f times, the values themselves %.0f times".formatted(smooth, each));
        assertTrue(browser.driver().findElement(By.cssSelector(".warning")).getText().contains("cat"), "the page shows the warning");
    }
}
