package inkling.inspect.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import inkling.engine.Devices;
import inkling.perf.ParameterTally;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.interactions.Actions;

/** Pages that show what happens in a model: valid, self-contained, with every text escaped; their controls work in a real browser. */
class FlowPagesTest {
    private static FlowPages made;
    private static Map<String, String> pages;

    @BeforeAll static void draw() {
        try (NDManager manager = Devices.manager(Device.cpu())) {
            made = new FlowPages(manager);
            pages = made.pages;
        }
    }

    @Tag("thorough")
    @Test void everyPageIsValidAndSelfContainedWhateverTheText() throws Exception {
        for (String html : pages.values()) {
            ValidHtml.check(html);
            ValidHtml.checkSelfContained(html);
            assertFalse(html.contains("\u001b") || html.contains("\u202e") || html.contains("<script>document.title"));
        }
    }

    @Nested
    @Tag("browser")
    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    class InARealBrowser {
        private Browser browser;

        @BeforeAll void open() throws Exception {
            browser = Browser.open(1100, 900);
        }

        @AfterAll void close() throws Exception {
            if (browser != null) {
                browser.close();
            }
        }

        private void show(String page) throws Exception {
            browser.resize(1100, 900);
            browser.show(pages.get(page));
        }

        private WebElement one(String css) {
            return browser.driver().findElement(By.cssSelector(css));
        }

        private List<WebElement> all(String css) {
            return browser.driver().findElements(By.cssSelector(css));
        }

        private void click(String css) {
            browser.driver().executeScript("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", one(css));
            one(css).click();
        }

        @Test void everyPageFitsAPhoneFollowsTheThemeAndComplainsOfNothing() throws Exception {
            for (String name : pages.keySet()) {
                browser.resize(390, 844);
                browser.show(pages.get(name));
                assertFalse(browser.scrollsSideways(), name + ": " + browser.value("[...document.querySelectorAll('main *')].filter(e => "
                    + "e.getBoundingClientRect().right > innerWidth + 1).slice(0, 5).map(e => e.tagName + '#' + e.id).join()"));
                String light = browser.background();
                one("#theme").click();
                one("#theme").click();
                assertNotEquals(light, browser.background());
                assertFalse(browser.driver().getTitle().startsWith("owned"));
                assertEquals(List.of(), browser.errors());
            }
        }

        @Test void attentionTellsWhatIsPointedAtAndFocused() throws Exception {
            show("attention");
            assertTrue(one("#habit").getText().matches("This head’s habit in this text: on average, a token gives "
                + "[\\d.]+ % of its attention.*"), one("#habit").getText());
            assertEquals("Layer 1, head 1", one("#title").getText());
            click("#heads button[data-layer='2'][data-head='1']");
            assertEquals("Layer 3, head 2", one("#title").getText());
            one("#heads button[data-layer='2'][data-head='1']").sendKeys(Keys.ARROW_UP);
            assertEquals("Layer 2, head 2", one("#title").getText());
            click("#prompt button:nth-child(3)");
            assertTrue(one("#readout").getText().startsWith("s (3) looks most at"), one("#readout").getText());
            String shade = all("#prompt button").get(0).getCssValue("background-color");
            assertFalse(shade.endsWith(", 0)"), "the tokens that the query looks at are shaded: " + shade);
            one("#map").sendKeys(Keys.ARROW_LEFT);
            assertTrue(one("#readout").getText().matches("s \\(3\\) → / \\(2\\): [\\d.]+ %"), one("#readout").getText());
            new Actions(browser.driver()).moveToElement(one("#map"), -40, 60).perform();
            assertTrue(one("#readout").getText().contains("→"), one("#readout").getText());
            assertEquals(List.of(), browser.errors());
        }

        @Test void theLensTellsEachCellInFull() throws Exception {
            show("lens");
            assertTrue(one("#place").getText().startsWith("The model’s prediction"), one("#place").getText());
            WebElement cell = all("#grid tbody tr:nth-child(1) button").get(1);
            String before = cell.getCssValue("background-color");
            browser.driver().executeScript("arguments[0].scrollIntoView({block: 'center', inline: 'end'})", cell);
            cell.click();
            assertTrue(one("#place").getText().startsWith("Straight from the embedding"), one("#place").getText());
            cell.sendKeys(Keys.ARROW_DOWN);
            assertTrue(one("#place").getText().startsWith("After 1 block"), one("#place").getText());
            assertEquals(8, all("#bars li").size());
            click("input[value=agreement]");
            assertNotEquals(before, cell.getCssValue("background-color"));
            assertEquals(List.of(), browser.errors());
        }

        @Test void aComparisonIsSortedAsAsked() throws Exception {
            show("compare");
            List<String> first = all("#rows th").stream().map(WebElement::getText).toList();
            click("input[value=without]");
            assertNotEquals(first, all("#rows th").stream().map(WebElement::getText).toList());
            assertEquals(first.size(), all("#rows tr").size());
        }

        @Test void aLayerChosenIsMarkedInEveryPicture() throws Exception {
            show("trace");
            assertEquals(2, all("#paths circle.chosen").size());
            click("#rows tr:nth-child(2) button");
            assertEquals(2, all("#stairs rect.chosen").size());
            one("#rows tr:nth-child(2) button").sendKeys(Keys.ARROW_UP);
            assertEquals(1, all("#stairs rect.chosen").size());
            assertTrue(one("#rows tr:nth-child(1)").getDomAttribute("class").contains("chosen"));
        }

        @Test void theContextCurveIsReadByKeyboardAndItsAxisSwitches() throws Exception {
            show("context");
            assertTrue(one("main").getText().contains("equally likely tokens") && one("main").getText().contains("about 19 of 20 cases"));
            one("#curve").sendKeys(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT);
            assertTrue(one("#readout").getText().startsWith("2 tokens seen: "), one("#readout").getText());
            String curve = one("#curve .smooth").getDomAttribute("d");
            click("input[value=linear]");
            assertNotEquals(curve, one("#curve .smooth").getDomAttribute("d"));
            one("#curve").sendKeys(Keys.END);
            assertTrue(one("#readout").getText().startsWith("40 tokens seen: "), one("#readout").getText());
        }

        private void slide(double temperature) {
            browser.driver().executeScript("const t = document.getElementById('temperature'); t.value = arguments[0];"
                + "t.dispatchEvent(new Event('input'))", temperature);
        }

        @Test void theTourIsWalked() throws Exception {
            show("tour");
            click("#prompt button:nth-child(4)");
            assertEquals("c", one("#attention .chosen-token").getText());
            assertEquals(4, all("#heads .head:nth-child(1) .tok").size());
            assertFalse(one("#heads .tok").getCssValue("background-color").endsWith(", 0)"));
            click("#tower button[data-block='2']");
            assertEquals("3", one(".chosen-block").getText(), "blocks count from 1, as in every view");
            slide(0);
            assertEquals("100.0 %", one("#odds li .figure").getText());
            slide(5);
            assertNotEquals("100.0 %", one("#odds li .figure").getText());
            click("#draw-many");
            click("#draw");
            assertTrue(one("#drawn").getText().endsWith("101 draws so far"), one("#drawn").getText());
            click("#next");
            assertEquals(1, all("#written span.new").size());
            click("#all");
            assertEquals(7, all("#written span").size());
            assertFalse(one("#next").isEnabled());
            assertEquals(List.of(), browser.errors());
        }

        @Test void theToursArithmeticIsThatOfTheModel() throws Exception {
            show("tour");
            arithmeticOfBlock(1, 6);
            arithmeticOfBlock(2, 4);    // this block has a window of 4 tokens
            assertEquals(3, all("#neurons tbody tr").size());
            assertTrue(one("#normed").getText().matches("(?s)in: mean −?[\\d.]+, spread [\\d.]+.*out: mean −?[\\d.]+, spread [\\d.]+.*"),
                one("#normed").getText());
            assertEquals(List.of(), browser.errors());
        }

        /** @param seen how many tokens the sixth token attends to, itself included */
        private void arithmeticOfBlock(int block, int seen) {
            click("#tower button[data-block='" + (block - 1) + "']");
            click("#prompt button:nth-child(6)");
            for (int head = 0; head < 2; head++) {
                click("#heads .head:nth-child(" + (head + 1) + ") button");
                String name = one("#heads button[aria-pressed=true]").getText();
                assertTrue(one("#one-head").getText().equalsIgnoreCase(name + " of block " + block + " in numbers"),
                    one("#one-head").getText());
                assertEquals(seen == 4 ? "In this block, a token is compared only with itself and the 3 before it." : "",
                    one("#window").getText());
                List<WebElement> rows = all("#arithmetic tbody tr");
                assertEquals(seen, rows.size(), "a row for each token that this token attends to");
                for (int row = 0; row < seen; row++) {
                    double share = Double.parseDouble(rows.get(row).getDomAttribute("data-p"));
                    assertEquals(made.attended[block - 1][head][5][6 - seen + row], share, 1e-4,
                        "softmax of the scores is the model's attention, row " + row);
                }
            }
        }

        /** The tower shows every stored parameter once. Vectors that a reader compares are drawn to one scale. */
        @Test void theToursSizesAddUpAndItsVectorsAreComparable() throws Exception {
            show("tour");
            List<Long> sizes = all("#tower .level > :last-child").stream().map(WebElement::getText).filter(text -> !text.isEmpty())
                .map(text -> Long.parseLong(text.replace(",", ""))).toList();
            long parameters = ParameterTally.of(FlowPages.TOURED).parameters();
            assertEquals(parameters, sizes.get(sizes.size() - 1), "together");
            assertEquals(2 * parameters, sizes.stream().mapToLong(Long::longValue).sum(), "the sizes of all places, and their total");
            Object ink = browser.driver().executeScript("return [...document.querySelectorAll('#ladder canvas')].map(canvas => {"
                + "const {data, width, height} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);"
                + "let far = 0; for (let y = 0; y < height; y++) for (let x = 0; x < width; x++)"
                + " if (data[4 * (y * width + x) + 3] > 127) far = Math.max(far, Math.abs(y + 0.5 - height / 2));"
                + "return far; })");
            List<Double> most = ((List<?>) browser.value("tour.streams.map(all => all[tour.labels.length - 1].most)")).stream()
                .map(x -> ((Number) x).doubleValue()).toList();
            double largest = most.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
            for (int i = 0; i < most.size(); i++) {
                double drawn = ((Number) ((List<?>) ink).get(i)).doubleValue();
                assertEquals(19 * most.get(i) / largest, drawn, 1.5, "the longest bar of rung " + i);
            }
            assertTrue(one("#sum").getText().contains("their lengths do not"), one("#sum").getText());
            slide(5);
            assertEquals(Double.parseDouble(one("#odds li").getDomAttribute("data-p")), ((Number) browser.value("parseFloat("
                + "document.querySelector('#odds .bar span').style.width)")).doubleValue() / 100, 1e-3, "a whole bar is 100 %");
        }

        /** In double precision, from the model's own logits, without any number of the page. */
        private double[] softmax(float[] logits, double temperature) {
            int likeliest = IntStream.range(0, logits.length).reduce((a, b) -> logits[b] > logits[a] ? b : a).orElseThrow();
            double[] p = IntStream.range(0, logits.length).mapToDouble(id -> temperature == 0 ? id == likeliest ? 1 : 0
                : Math.exp((logits[id] - (double) logits[likeliest]) / temperature)).toArray();
            double sum = Arrays.stream(p).sum();
            return Arrays.stream(p).map(x -> x / sum).toArray();
        }

        @Test void theToursSliderEqualsTheFullSoftmaxAtItsStops() throws Exception {
            show("tour");
            for (double t : new double[] {0, 0.25, 1, 3, 5}) {
                slide(t);
                double[] expected = softmax(made.logits, t);
                double others = 1;
                List<WebElement> rows = all("#odds li");
                assertEquals(13, rows.size(), "twelve tokens, and the others");
                for (WebElement row : rows.subList(0, 12)) {
                    int id = Integer.parseInt(row.getDomAttribute("data-id"));
                    assertEquals(expected[id], Double.parseDouble(row.getDomAttribute("data-p")), 1e-12, "T " + t + ", token " + id);
                    others -= expected[id];
                }
                assertEquals(others, Double.parseDouble(rows.get(12).getDomAttribute("data-p")), 1e-12, "T " + t + ", the others");
                double bits = Arrays.stream(expected).map(p -> p > 0 ? -p * Math.log(p) / Math.log(2) : 0).sum();
                String says = t == 0 ? "All on the highest score" : String.format(Locale.ROOT, "Entropy %.2f bits", bits);
                assertTrue(one("#shape").getText().startsWith(says), one("#shape").getText());
            }
        }
    }
}
