package inkling.inspect.page;

import static inkling.Says.says;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import inkling.errors.ConfigException;
import inkling.inspect.embedding.EmbeddingSpace;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
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
import org.openqa.selenium.support.ui.WebDriverWait;

class EmbeddingPlotPageTest {
    private static final String HOSTILE = "</script><script>document.title='owned'</script>\u001b[2J\u202e";

    /** Six clusters of 30 words, a word whose vector is zero, a hostile one, one with a space; random but the same each time. */
    private static EmbeddingSpace space() {
        Random random = new Random(11);
        List<String> tokens = new ArrayList<>();
        List<float[]> rows = new ArrayList<>();
        for (int cluster = 0; cluster < 6; cluster++) {
            for (int i = 0; i < 30; i++) {
                float[] row = new float[12];
                for (int j = 0; j < row.length; j++) {
                    row[j] = (float) (0.3 * random.nextGaussian() + (j == cluster ? 4 : 0));
                }
                tokens.add("abcdef".charAt(cluster) + "-word" + i);
                rows.add(row);
            }
        }
        tokens.addAll(List.of("nothing", HOSTILE, "Ġspaced"));
        rows.addAll(List.of(new float[12], rows.get(0), rows.get(31)));
        return new EmbeddingSpace(tokens, rows.toArray(float[][]::new));
    }

    private static String page() {
        EmbeddingSpace space = space();
        IntFunction<String> label = row -> space.tokens().get(row);
        return EmbeddingPlotPage.html("Words <of> a model", space, EmbeddingPlotPage.wordRows(space, label), label);
    }

    @Tag("thorough")
    @Test void isValidAndSelfContainedWhateverTheWordsAre() throws Exception {
        String html = page();
        ValidHtml.check(html);
        ValidHtml.checkSelfContained(html);
        assertFalse(html.contains("\u001b") || html.contains("\u202e") || html.contains(HOSTILE));
    }

    @Test void neighboursInThePageAreThoseOfTheSpace() throws Exception {
        EmbeddingSpace space = space();
        String html = page();
        String json = html.substring(html.indexOf("id=\"data-plot\">") + "id=\"data-plot\">".length());
        JsonNode data = new ObjectMapper().readTree(json.substring(0, json.indexOf("</script>")));
        List<Integer> expected = space.neighbors(space.word(40), 8).stream().map(EmbeddingSpace.Neighbor::row).toList();
        List<Integer> found = new ArrayList<>();
        data.get("near").get(40).forEach(node -> found.add(node.intValue()));
        assertEquals(expected, found);
        assertEquals(0, data.get("near").get(space.row("nothing").getAsInt()).size());
        assertEquals(3 * space.size(), data.get("points").size());
    }

    @Test void wordsAreWhatHasALetterInIt() {
        List<String> tokens = List.of("%", "a", "12", "\uFFFD", " é", "語", "<0xA1>", "\\n", "\\x1b", "\\u{202e}", "<|endoftext|>", "a\\n");
        float[][] rows = new float[tokens.size()][];
        Arrays.setAll(rows, i -> new float[] {i + 1});
        EmbeddingSpace space = new EmbeddingSpace(tokens, rows);
        assertArrayEquals(new int[] {1, 4, 5, 11}, EmbeddingPlotPage.wordRows(space, tokens::get),
            "signs and digits are no words, nor are the names of bytes, control characters and special tokens");
        assertArrayEquals(IntStream.range(0, tokens.size()).toArray(), EmbeddingPlotPage.wordRows(space, row -> "?"),
            "no words at all: everything");
    }

    @Test void onlyWholeWordsAreShownIfThereAreEnough() {
        List<String> tokens = new ArrayList<>(List.of("ing", "␣s", "␣the", "the", "␣I", "␣don't", "␣12", "␣(a)", "<|endoftext|>"));
        IntStream.range(0, 50).forEach(i -> tokens.add("␣" + (char) ('a' + i % 26) + (char) ('b' + i / 26)));
        float[][] rows = new float[tokens.size()][];
        Arrays.setAll(rows, i -> new float[] {i + 1});
        int[] shown = EmbeddingPlotPage.wordRows(new EmbeddingSpace(tokens, rows), tokens::get);
        assertArrayEquals(new int[] {2, 4, 5, 9}, Arrays.copyOf(shown, 4));
        assertEquals(53, shown.length);
    }

    @Test void aLabelIsShownOnOneLineAndItsBackslashesStay() throws Exception {
        List<String> labels = List.of("\\n", " old", "a\nb", "\u001b[2J");
        String html = EmbeddingPlotPage.html("t", space(), new int[] {0, 1, 2, 3}, labels::get);
        assertTrue(html.contains("[\"\\\\n\",\"␣old\",\"a\\\\nb\",\"\\\\x1b[2J\"]"), html.substring(html.indexOf("\"words\"")));
    }

    @Test void tooFewWordsAreRefused() {
        EmbeddingSpace space = space();
        String message = assertThrows(ConfigException.class,
            () -> EmbeddingPlotPage.html("t", space, new int[] {3, 3}, Integer::toString)).getMessage();
        says(message, "1 words", "2 to", "--words");
    }

    @Nested
    @Tag("browser")
    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    class InARealBrowser {
        private Browser browser;
        private WebElement canvas;

        @BeforeAll void open() throws Exception {
            browser = Browser.open(1100, 800);
        }

        @AfterAll void close() throws Exception {
            if (browser != null) {
                browser.close();
            }
        }

        @BeforeEach void show() throws Exception {
            browser.resize(1100, 800);
            browser.show(page());
            canvas = browser.driver().findElement(By.id("plot"));
        }

        private String picture() {
            return (String) browser.driver().executeAsyncScript("const done = arguments[0];"
                + "requestAnimationFrame(() => requestAnimationFrame(() => done(document.getElementById('plot').toDataURL())));");
        }

        private String heading() {
            List<WebElement> headings = browser.driver().findElements(By.cssSelector("#panel h2"));
            return headings.isEmpty() ? "" : headings.get(0).getText();
        }

        @Test void searchFindsAWordAndItsNeighboursCanBeWalked() {
            browser.driver().findElement(By.id("find")).sendKeys("b-word7");
            assertEquals("b-word7", heading());
            List<WebElement> near = browser.driver().findElements(By.cssSelector("#panel .near"));
            assertEquals(8, near.size());
            String next = near.get(0).findElement(By.className("word")).getText();
            near.get(0).sendKeys(Keys.ENTER);
            assertEquals(next, heading());
            assertEquals("BUTTON", browser.value("document.activeElement.tagName"), "a neighbour has the focus, so the keyboard can go on");
            browser.driver().findElement(By.id("find")).sendKeys(Keys.ESCAPE);
            assertEquals("", heading());
            browser.driver().findElement(By.id("find")).sendKeys("spaced");
            assertEquals("Ġspaced", heading());
            assertEquals(List.of(), browser.errors());
        }

        @Test void theSpaceTurnsByArrowKeysAndByDragging() {
            String plane = picture();
            browser.driver().findElement(By.cssSelector("input[value=space]")).click();
            new WebDriverWait(browser.driver(), Duration.ofSeconds(120)).until(d -> picture().equals(picture()));
            new WebDriverWait(browser.driver(), Duration.ofSeconds(120)).until(
                d -> d.findElement(By.id("hint")).getText().contains("Directions 1 to 3"));
            String space = picture();
            assertNotEquals(plane, space);
            canvas.sendKeys(Keys.ARROW_LEFT);
            String turned = picture();
            assertNotEquals(space, turned);
            canvas.sendKeys(Keys.ARROW_RIGHT);
            new Actions(browser.driver()).moveToElement(canvas).perform();
            turned = picture();
            new Actions(browser.driver()).moveToElement(canvas).clickAndHold().moveByOffset(60, 20).release().perform();
            assertNotEquals(turned, picture());
        }

        private String hint() {
            return browser.driver().findElement(By.id("hint")).getText();
        }

        @Test void zoomingShowsSomethingElseAndResetComesBack() {
            browser.driver().findElement(By.id("find")).sendKeys(Keys.ESCAPE);
            String before = picture();
            String hint = hint();
            for (int i = 0; i < 6; i++) {
                browser.driver().findElement(By.id("zoom-in")).click();
            }
            assertNotEquals(before, picture());
            assertTrue(hint().contains("words lie outside") && !hint().equals(hint), hint());
            browser.driver().findElement(By.id("reset")).click();
            new WebDriverWait(browser.driver(), Duration.ofSeconds(120)).until(d -> before.equals(picture()));
            assertEquals(hint, hint());
        }

        @Test void pointingAtAWordShowsItInThePanel() {
            for (int step = 0; step < 60 && heading().isEmpty(); step++) {                  // along a diagonal of the picture
                new Actions(browser.driver()).moveToElement(canvas, -300 + 10 * step, -200 + 7 * step).perform();
            }
            assertTrue(heading().contains("word"), heading());
        }

        @Test void fitsAPhoneAndFollowsTheTheme() throws Exception {
            browser.resize(390, 844);
            browser.show(page());
            assertFalse(browser.scrollsSideways());
            String light = picture();
            browser.driver().findElement(By.id("theme")).click();
            browser.driver().findElement(By.id("theme")).click();
            assertNotEquals(light, picture());
            assertEquals(List.of(), browser.errors());
        }
    }
}
