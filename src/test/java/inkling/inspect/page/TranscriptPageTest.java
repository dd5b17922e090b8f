package inkling.inspect.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.generate.Generator;
import inkling.generate.NextLogits;
import inkling.generate.SamplingOptions;
import inkling.inspect.embedding.Vocabulary;
import inkling.tokenizer.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
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

@Tag("thorough")
class TranscriptPageTest {
    private static final SamplingOptions OPTIONS = SamplingOptions.DEFAULT.withSeed(3);

    /**
     * A made-up model with logits of a Zipf-like shape, which differ at each position. {@code grid}, if not 0, rounds them, so that many
     * tie.
     */
    private record Zipf(int vocabSize, double grid, List<float[]> returned) implements NextLogits {
        Zipf(int vocabSize, double grid) {
            this(vocabSize, grid, new ArrayList<>());
        }

        @Override
        public int contextLength() {
            return 10_000;
        }

        @Override
        public int mostSequences(int tokens) {
            return 1;
        }

        @Override
        public float[][] readApart(int[]... texts) {
            throw new UnsupportedOperationException("the context is never full");
        }

        @Override
        public float[][] read(int[]... ids) {
            SplittableRandom random = new SplittableRandom(Arrays.hashCode(ids[0]) + returned.size());
            float[] logits = new float[vocabSize];
            int shift = random.nextInt(vocabSize);
            for (int i = 0; i < vocabSize; i++) {
                double z = 3 * random.nextDouble() - 1.1 * Math.log(1 + (i + shift) % vocabSize) - 90;
                logits[i] = (float) (grid == 0 ? z : Math.rint(z / grid) * grid);
            }
            returned.add(logits);
            return new float[][] {logits};
        }

        @Override
        public void keep(int length, int room, int... rows) {}
    }

    private static String page(NextLogits model, Tokenizer tokenizer, SamplingOptions options, int... prompt) {
        TranscriptPage page = new TranscriptPage("test <model>", options, Optional.of(tokenizer));
        new Generator(model, Optional.of(tokenizer)).generate(prompt, options, page);
        return page.html();
    }

    /** A page of a made-up model with {@code vocabSize} tokens. */
    static String page(int vocabSize, SamplingOptions options) {
        return page(new Zipf(vocabSize, 0), new Vocabulary(List.of(), vocabSize), options, 1);
    }

    /** The made-up model's likeliest tokens differ at each place, so the page names many more tokens than a real model's page. */
    @Test void aThousandTokensStayBelowTwoMegabytes() {
        int bytes = page(2_000, OPTIONS.withMaxTokens(1_000)).getBytes(StandardCharsets.UTF_8).length;
        assertTrue(bytes < 2_000_000, bytes + " bytes");
    }

    @Test void aPageOfGpt2sVocabularyIsLessThanTwiceAsLargeAsThatOfASmallVocabulary() {
        int large = page(new Zipf(50_257, 0), new Vocabulary(List.of(), 50_257), OPTIONS, 1).getBytes(StandardCharsets.UTF_8).length;
        int small = page(new Zipf(1_000, 0), new Vocabulary(List.of(), 1_000), OPTIONS, 1).getBytes(StandardCharsets.UTF_8).length;
        assertTrue(large < 2 * small, "%d bytes, and %d of a vocabulary of 1,000".formatted(large, small));
    }

    @Test void hostileTokensMakeAValidPage() throws Exception {
        Vocabulary hostile = Vocabulary.of("</script><script>document.title='owned'</script>", "\u001b[2J\u0007", "\n", "<!--", "\u202e",
            "&amp;", "\u0000", "'\"", "\ud800", "<img src=x onerror=alert(1)>");
        String html = page(new Zipf(10, 0), hostile, OPTIONS.withTemperature(3).withMaxTokens(60).withSamples(2),
            0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
        ValidHtml.check(html);
        ValidHtml.checkSelfContained(html);
        assertFalse(html.contains("<img") || html.contains("\u001b"));
    }

    @Test void theSamePageComesFromTheSameSeed() {
        Vocabulary words = new Vocabulary(List.of(), 50);
        assertEquals(page(new Zipf(50, 0), words, OPTIONS, 1), page(new Zipf(50, 0), words, OPTIONS, 1));
    }

    @Nested
    @Tag("browser")
    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    class InARealBrowser {
        private Browser browser;

        @BeforeAll void open() throws Exception {
            browser = Browser.open(1200, 900);
        }

        @AfterAll void close() throws Exception {
            if (browser != null) {
                browser.close();
            }
        }

        private WebElement find(String css) {
            return browser.driver().findElement(By.cssSelector(css));
        }

        private void set(String id, String value) {
            browser.driver().executeScript("const e = document.getElementById(arguments[0]); e.value = arguments[1];"
                + " e.dispatchEvent(new Event('input', {bubbles: true}));", id, value);
        }

        /** Probabilities by id as the bars show them, with all other tokens together under -1. */
        private Map<Integer, Double> bars() {
            Map<Integer, Double> bars = new HashMap<>();
            String rows = "[...document.querySelectorAll('#bars li')].map(r => [r.dataset.id || '-1', r.dataset.p])";
            for (Object row : (List<?>) browser.value(rows)) {
                List<?> pair = (List<?>) row;
                bars.put(Integer.valueOf((String) pair.get(0)), Double.valueOf((String) pair.get(1)));
            }
            return bars;
        }

        private double fact(String name) {
            return Double.parseDouble((String) browser.value("document.getElementById('facts').dataset." + name));
        }

        private void assertBarsAre(double[] expected, String where) {
            Map<Integer, Double> bars = bars();
            double others = 1;
            for (Map.Entry<Integer, Double> bar : bars.entrySet()) {
                if (bar.getKey() >= 0) {
                    assertEquals(expected[bar.getKey()], bar.getValue(), 1e-7, where + ", token " + bar.getKey());
                    others -= expected[bar.getKey()];
                }
            }
            assertEquals(others, bars.getOrDefault(-1, 0.0), 1e-7, where + ", the others");
            double bits = Arrays.stream(expected).map(p -> p > 0 ? -p * Math.log(p) / Math.log(2) : 0).sum();
            assertEquals(bits, fact("bits"), 1e-6, where + ", entropy");
        }

        private int chosenId() {
            return Integer.parseInt((String) browser.value("document.querySelector('#bars .drawn').dataset.id"));
        }

        /** In double precision, from all logits; {@code k} is the top-k, 0 for all. */
        private double[] softmax(float[] logits, double temperature, int k) {
            List<Integer> order = IntStream.range(0, logits.length).boxed().sorted(Comparator.comparingDouble((Integer i) -> -logits[i])
                .thenComparing(i -> i)).toList();
            double[] p = new double[logits.length];
            if (temperature == 0) {
                p[order.get(0)] = 1;
                return p;
            }
            double least = k == 0 ? Double.NEGATIVE_INFINITY : logits[order.get(k - 1)];
            double sum = 0;
            for (int i = 0; i < p.length; i++) {
                p[i] = logits[i] >= least ? Math.exp(((double) logits[i] - logits[order.get(0)]) / temperature) : 0;
                sum += p[i];
            }
            for (int i = 0; i < p.length; i++) {
                p[i] /= sum;
            }
            return p;
        }

        @Test void theSliderEqualsTheFullSoftmaxAtItsStops() throws Exception {
            for (double grid : new double[] {0, 0.5}) { // with a grid of 0.5, hundreds of logits tie
                Zipf model = new Zipf(5_000, grid);
                browser.show(page(model, new Vocabulary(List.of(), 5_000), OPTIONS.withTemperature(0.85).withMaxTokens(4), 1));
                assertEquals(List.of(), browser.errors());
                find(".tokens [data-step='2']").click();
                find("#more").click();
                float[] logits = model.returned().get(2);
                List<?> stops = (List<?>) browser.value("inkling.data('transcript').stops");
                assertEquals(34, stops.size(), "0 to 2 in steps of 0.1, on to 5 in steps of 0.25, and 0.85");
                for (double temperature : new double[] {0, 0.1, 0.8, 0.85, 1, 2.5, 5}) {
                    for (int k : new int[] {0, 1, 7, 99, 100}) {
                        int stop = IntStream.range(0, stops.size())
                            .filter(i -> ((Number) stops.get(i)).doubleValue() == temperature).findFirst().orElseThrow();
                        set("temperature", Integer.toString(stop));
                        set("top-k", k == 0 ? "" : Integer.toString(k));
                        double[] expected = softmax(logits, temperature, k);
                        assertBarsAre(expected, "temperature " + temperature + ", top-k " + k + ", grid " + grid);
                        assertEquals(expected[chosenId()], fact("p"), 1e-7);
                    }
                }
            }
        }

        @Test void asDrawnIsWhatTheTokenWasDrawnFrom() throws Exception {
            for (SamplingOptions options : List.of(OPTIONS.withTopK(9), OPTIONS.withTopK(400),
                OPTIONS.withTopP(0.7).withRepetitionPenalty(1.3), OPTIONS.withTemperature(0), OPTIONS.withTemperature(6.5).withMinP(0.2))) {
                SamplingOptions few = options.withMaxTokens(5).withShowDistribution(5_000);
                TranscriptPage page = new TranscriptPage("m", few, Optional.empty());
                var steps = new Generator(new Zipf(5_000, 0), Optional.empty()).generate(new int[] {1}, few, page).samples().get(0).steps();
                browser.show(page.html());
                find(".tokens [data-step='4']").click();
                double[] expected = new double[5_000];
                steps.get(4).top().forEach(entry -> expected[entry.id()] = entry.probability());
                assertBarsAre(expected, options.toString());
                assertEquals(steps.get(4).probability(), fact("p"), 1e-12);
                String removed = "[...document.querySelectorAll('#bars .removed')].map(r => Number(r.dataset.id)).sort((a, b) => a - b)";
                assertEquals(bars().keySet().stream().filter(id -> id >= 0 && expected[id] == 0).sorted().map(Long::valueOf).toList(),
                    browser.value(removed));
                find("#more").click();
                assertBarsAre(expected, options.toString());
                assertEquals(List.of(), browser.errors());
            }
        }

        @Test void worksFromTheKeyboardAlone() throws Exception {
            browser.show(page(new Zipf(300, 0), new Vocabulary(List.of(), 300), OPTIONS.withMaxTokens(12).withTopK(5), 1));
            WebElement body = find("body");
            body.sendKeys(Keys.TAB, Keys.TAB); // the theme button, then the text
            assertEquals("0", browser.value("document.activeElement.dataset.step"));
            browser.driver().switchTo().activeElement().sendKeys(Keys.ARROW_RIGHT);
            browser.driver().switchTo().activeElement().sendKeys(Keys.ARROW_RIGHT);
            assertEquals("2", browser.value("document.activeElement.dataset.step"));
            assertTrue(find("#chosen").getText().contains("3 of 12"), find("#chosen").getText());
            browser.driver().switchTo().activeElement().sendKeys(Keys.END);
            browser.driver().switchTo().activeElement().sendKeys(Keys.ENTER);
            assertTrue(find("#chosen").getText().contains("12 of 12"));
            assertEquals(1L, browser.value("document.querySelectorAll('[aria-selected=true]').length"));
            browser.driver().switchTo().activeElement().sendKeys(Keys.TAB);
            assertEquals("temperature", browser.value("document.activeElement.id"));
            browser.driver().switchTo().activeElement().sendKeys(Keys.HOME);
            assertEquals("0", find("#temperature-value").getText());
            assertEquals(1.0, bars().values().stream().mapToDouble(p -> p).max().orElse(0), "the likeliest token has it all");
            browser.driver().switchTo().activeElement().sendKeys(Keys.TAB);
            assertEquals("top-k", browser.value("document.activeElement.id"));
            browser.driver().switchTo().activeElement().sendKeys(Keys.TAB, Keys.SPACE);
            assertEquals("0.8", find("#temperature-value").getText(), "after the button \"As drawn\"");
            assertEquals("5", find("#top-k").getAttribute("value"));
        }

        @Test void theTextIsShadedAgainAndTheRibbonCanBeClicked() throws Exception {
            browser.show(page(new Zipf(300, 0), new Vocabulary(List.of(), 300), OPTIONS.withMaxTokens(12), 1));
            String shade = "getComputedStyle(document.querySelector('.tokens [data-step=\"5\"]')).backgroundColor";
            Object before = browser.value(shade);
            set("temperature", "32");
            assertFalse(before.equals(browser.value(shade)));
            assertEquals("Re-shaped: the token was not drawn from these probabilities.", find("#view").getText());
            find(".ribbon").click(); // its middle
            assertTrue(find("#chosen").getText().contains("7 of 12"), find("#chosen").getText());
        }

        @Test void hostileTokensStayText() throws Exception {
            Vocabulary hostile = Vocabulary.of("</script><script>document.title='owned'</script>",
                "<img src=x onerror=\"document.title='owned'\">");
            browser.show(page(new Zipf(2, 0), hostile, OPTIONS.withMaxTokens(20), 0));
            assertEquals("Transcript of test <model>", browser.driver().getTitle());
            assertEquals(0, browser.driver().findElements(By.tagName("img")).size());
            assertTrue(find(".tokens").getText().contains("document.title='owned'"));
            assertEquals(List.of(), browser.errors());
        }

        @Test void fitsAPhone() throws Exception {
            browser.resize(390, 844);
            Vocabulary withALongOne = new Vocabulary(List.of("x".repeat(300)), 50_257);
            browser.show(page(new Zipf(50_257, 0), withALongOne, OPTIONS.withMaxTokens(40).withTopK(40), 0));
            assertFalse(browser.scrollsSideways());
            browser.driver().executeScript("document.querySelector('.tokens [tabindex=\"0\"]').focus()");
            browser.driver().switchTo().activeElement().sendKeys(Keys.END);
            assertTrue(find("#chosen").getText().contains("40 of 40"));
            assertTrue((Boolean) browser.value("document.activeElement.getBoundingClientRect().bottom"
                + " <= document.querySelector('.panel').getBoundingClientRect().top"), "the chosen token is not behind the panel");
            browser.resize(1200, 900);
        }
    }
}
