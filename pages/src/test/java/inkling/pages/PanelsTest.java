package inkling.pages;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import inkling.Fixtures;
import inkling.inspect.AttentionMap;
import inkling.inspect.ForwardTrace;
import inkling.inspect.page.Browser;
import inkling.serve.TestServer;
import inkling.serve.api.ServedModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.support.ui.Select;

/** The views inside the model, on small models and on a run that kept its checkpoints: what they show is what the commands say. */
@Tag("browser")
class PanelsTest {
    private static final List<String> TABS = List.of("attention", "lens", "neighbors", "word", "score", "checkpoints", "learning", "parameters");

    @TempDir static Path directory;
    private static Path run;
    private static Browser browser;
    private static TestServer server;
    private Playground page;

    @BeforeAll static void start() throws IOException {
        run = LearnedRun.train(directory);
        server = LearnedRun.serve(Stream.concat(Stream.of(run), models()).toArray(Path[]::new));
        browser = Browser.open(1280, 900);
    }

    static Stream<Path> models() {
        return Fixtures.models("pretrained/dickens-gpt2");
    }

    private static String nameOf(Path model) {
        return model.getFileName().toString();
    }

    @AfterAll static void stop() throws IOException {
        browser.close();
        server.close();
    }

    @BeforeEach void open() {
        browser.resize(1280, 900);
        browser.dark(false);
        page = new Playground(browser).open(server.uri("/")).ready();
    }

    @AfterEach void nothingWasWrong() {
        assertEquals(List.of(), browser.complaints(server.uri("/")));
        assertEquals(List.of(), server.faults());
    }

    private PanelsTest use(Path model) {
        new Select(page.find("#model")).selectByValue(nameOf(model));
        page.until("the model is there", () -> browser.driver().getTitle().startsWith(nameOf(model)));
        return this;
    }

    /** Opens a tab, and waits until it shows what belongs to the token that is chosen. */
    private PanelsTest tab(String name) {
        page.click("#tab-" + name);
        shown(name);
        return this;
    }

    private void shown(String name) {
        page.until(name + " is shown", () -> switch (name) {
            case "learning" -> "shown".equals(attribute("#panel-learning", "data-state"));
            case "checkpoints" -> !page.all("#panel-checkpoints .rows li").isEmpty()
                && page.all("#panel-checkpoints .rows li[data-state='waiting']").isEmpty();
            default -> "shown".equals(attribute("#panel-" + name + " .panel-body", "data-state"));
        });
    }

    private String attribute(String css, String name) {
        List<WebElement> found = page.all(css);
        return found.isEmpty() ? "" : String.valueOf(found.get(0).getDomAttribute(name));
    }

    /** Something inside the view of a written page. */
    private Object within(String panel, String expression) {
        return browser.value("(root => " + expression + ")(document.querySelector('#panel-" + panel + " .view').shadowRoot)");
    }

    private List<Integer> idsUpTo(int position) {
        List<Integer> ids = new ArrayList<>();
        for (Object id : (List<?>) browser.value("[...document.querySelectorAll('.tokens [data-id]')].map(e => Number(e.dataset.id))")) {
            if (ids.size() <= position) {
                ids.add(((Number) id).intValue());
            }
        }
        return ids;
    }

    private static int[] array(List<Integer> ids) {
        return ids.stream().mapToInt(id -> id).toArray();
    }

    @ParameterizedTest
    @MethodSource("models")
    void attentionOpensOnTheClearestHeadAndTellsItsShares(Path model) {
        use(model);
        page.write("The old man looked at the", 6, 2).choose(6);
        tab("attention");
        ServedModel served = server.model(nameOf(model));
        AttentionMap map = served.batcher().call(() -> AttentionMap.of(ForwardTrace.of(served.model().gpt(), served.model().manager(),
            served.model().tokenText(), array(idsUpTo(6)))));
        AttentionMap.Place clearest = map.clearest(OptionalInt.empty(), OptionalInt.empty());
        assertEquals("Layer %d, head %d".formatted(clearest.layer() + 1, clearest.head()),
            within("attention", "root.getElementById('title').textContent"));
        assertEquals((long) map.layers() * map.heads(), within("attention", "root.querySelectorAll('#heads button').length"));
        float[] last = map.weights()[clearest.layer()][clearest.head()][6];
        int most = 0;
        for (int key = 1; key < last.length; key++) {
            most = last[key] > last[most] ? key : most;
        }
        String told = (String) within("attention", "root.getElementById('readout').textContent");
        assertTrue(told.contains("looks most at " + map.labels().get(most) + " "), told + ": it is " + map.labels().get(most));

        within("attention", "root.querySelector('#heads button[data-layer=\"0\"][data-head=\"1\"]').click()");
        assertEquals("Layer 1, head 1", within("attention", "root.getElementById('title').textContent"));
        page.choose(5);
        shown("attention");
        page.until("the head that was chosen stays", () -> "Layer 1, head 1".equals(within("attention", "root.getElementById('title').textContent"))
            && within("attention", "root.querySelectorAll('#prompt button').length").equals(6L));
    }

    @ParameterizedTest
    @MethodSource("models")
    void theLastLayerSaysWhatTheDistributionSays(Path model) {
        use(model);
        page.write("The old man looked at the", 6, 2).choose(5);
        tab("lens");
        String likeliest = (String) within("lens", "root.querySelector('#bars .figure').textContent");
        page.choose(6);   // the distribution that this token was drawn from is that after the fifth
        double p = page.bars().values().stream().mapToDouble(Number::doubleValue).max().orElseThrow();
        assertEquals(browser.value("inkling.percent(" + p + ")"), likeliest);
    }

    @ParameterizedTest
    @MethodSource("models")
    void neighboursAreThoseOfTheCommandAndBlue(Path model) {
        use(model);
        page.write("The old man looked at the", 6, 2).choose(3);
        tab("neighbors");
        JsonNode expected = server.post("/inkling/v1/neighbors", "{'model':'" + nameOf(model) + "','id':" + idsUpTo(3).get(3) + "}").json()
            .get("results");
        List<WebElement> bars = page.all("#panel-neighbors .bars li");
        assertEquals(16, bars.size());
        for (int i = 0; i < expected.size(); i++) {
            assertEquals(expected.get(i).get("similarity").asDouble(), Double.parseDouble(bars.get(i).getDomAttribute("data-similarity")), 1e-6);
        }
        assertEquals(browser.value("(e => { e.style.color = 'var(--learned)'; document.body.append(e); const c = getComputedStyle(e).color;"
            + " e.remove(); return c; })(document.createElement('i'))"), page.find("#panel-neighbors .bar span").getCssValue("background-color")
            .replace("rgba", "rgb").replace(", 1)", ")"), "what was learned is blue");
    }

    @Test void theSameWordIsFollowedThroughTwoTexts() {
        page.write("The old man looked at the man", 4, 2);
        int man = ((Number) browser.value("(all => { let text = ''; return all.findIndex(e => (text += [...e.childNodes].filter(n => n.nodeType === 3)"
            + ".map(n => n.data).join('')).endsWith(' man')); })([...document.querySelectorAll('.tokens [data-position]')])")).intValue();
        page.choose(man);
        tab("word");
        assertEquals("man", page.find("#panel-word input").getDomProperty("value"));
        page.type("#panel-word label:nth-of-type(3) textarea", "No man").click("#panel-word form button");
        shown("word");
        assertEquals(3L, within("word", "root.querySelectorAll('#rows tr').length"), "the embedding and two blocks");
        String distance = (String) within("word", "root.querySelector('#rows tr:last-child td:nth-child(3)').textContent");
        JsonNode trace = server.post("/inkling/v1/trace", "{'model':'" + LearnedRun.NAME + "','prompt':'"
            + page.find("#panel-word label:nth-of-type(2) textarea").getDomProperty("value") + "','word':'man','other':'No man'}").json();
        assertEquals(trace.get("layers").get(2).get("distance").asDouble(), Double.parseDouble(distance), 1e-3);
        page.type("#panel-word label:nth-of-type(3) textarea", "Nobody").click("#panel-word form button");
        page.until("what is wrong is told", () -> page.find("#panel-word .asking").getText().contains("does not occur"));
        browser.driver().manage().logs().get("browser");   // the refusal is told there, too
    }

    @ParameterizedTest
    @MethodSource("models")
    void aTextOfOnesOwnIsScoredAsTheCommandScoresIt(Path model) {
        String text = "The child looked at the boat, and the boat at nobody.";
        use(model);
        page.click("#tab-score").type("#panel-score textarea", text).click("#panel-score form button");
        shown("score");
        JsonNode expected = Command.json(List.of("score", model.toString(), "--prompt", text));
        List<WebElement> tokens = page.all("#panel-score .heat button");
        assertEquals(expected.get("positions").size(), tokens.size());
        for (int i = 1; i < tokens.size(); i++) {
            assertEquals(expected.get("positions").get(i).get("logprob").asDouble(), Double.parseDouble(tokens.get(i).getDomAttribute("data-logprob")),
                1e-6, "token " + i);
        }
        List<WebElement> figures = page.all("#panel-score .figures dd");
        assertEquals(expected.get("perplexity").asDouble(), Double.parseDouble(figures.get(1).getDomAttribute("data-value")), 1e-5);
        assertEquals(expected.get("bits_per_character").asDouble(), Double.parseDouble(figures.get(2).getDomAttribute("data-value")), 1e-6);
        String worst = page.find("#panel-score .heat .chosen").getText();
        tokens.get(1).sendKeys(Keys.ARROW_RIGHT);
        assertEquals(tokens.get(2).getText(), page.find("#panel-score .heat .chosen").getText(), "arrow keys walk; it opened on " + worst);
    }

    /** A line's end is one in the prompt of the rows, too, not the two letters that spell it. */
    @Test void textsKeepTheirLineEnds() {
        page.write("The old\nman and", 2, 2).choose(page.all(".tokens [data-position]").size() - 3);
        tab("score");
        String text = page.find("#panel-score textarea").getDomProperty("value");
        assertTrue(text.startsWith("The old\nman"), text);
        tab("checkpoints");
        assertEquals(text, page.find("#panel-checkpoints textarea").getDomProperty("value"));
    }

    @Test void rowsOfCheckpointsAreWhatTheCommandSamplesAndNewOnesAppear() {
        page.write("The old man", 4, 2).choose(2);
        tab("checkpoints");
        List<WebElement> rows = page.all("#panel-checkpoints .rows li");
        assertEquals(6, rows.size());
        assertEquals("0", rows.get(5).getDomAttribute("data-step"), "the oldest is the last");
        String prompt = page.find("#panel-checkpoints textarea").getDomProperty("value");
        for (WebElement row : List.of(rows.get(0), rows.get(3))) {
            JsonNode sample = Command.json(List.of("sample", run.toString(), "--checkpoint", row.getDomAttribute("data-step"), "--prompt", prompt,
                "--seed", "1", "--temperature", "0.8", "--max-tokens", "40"));
            assertEquals(prompt + sample.get("samples").get(0).get("text").asText(),
                row.findElement(By.cssSelector(".written")).getDomProperty("textContent"));
        }
        page.click("#panel-checkpoints circle[data-step='5']");
        shown("checkpoints");
        assertEquals("true", page.find("#panel-checkpoints li[data-step='5'] button").getDomAttribute("aria-pressed"));
        page.find("#panel-checkpoints circle[data-step='5']").sendKeys(Keys.ARROW_LEFT, Keys.ARROW_RIGHT, Keys.ARROW_RIGHT, Keys.ARROW_RIGHT);
        assertEquals("15", browser.value("document.activeElement.dataset.step"));
        page.press(Keys.ENTER);
        shown("checkpoints");
        assertEquals("true", page.find("#panel-checkpoints li[data-step='15'] button").getDomAttribute("aria-pressed"));
        assertEquals("15", browser.value("document.activeElement.dataset.step"), "the point keeps the focus while rows come");

        long before = Long.parseLong(page.all("#panel-checkpoints .rows li").get(0).getDomAttribute("data-step"));
        LearnedRun.resume(run, before + 5);
        page.until("the new checkpoint has a row", () -> page.isThere("#panel-checkpoints li[data-step='" + (before + 5) + "'][data-state='written']"));
    }

    @Test void theSliderShowsWhatEachCheckpointMakesOfTheText() {
        page.write("The old man", 4, 2).choose(2);
        tab("learning");
        WebElement slider = page.find("#panel-learning input[type=range]");
        String newest = attribute("#panel-learning", "data-step");
        slider.sendKeys(Keys.HOME);
        page.until("step 0 is shown", () -> "0".equals(attribute("#panel-learning", "data-step")));
        assertNotEquals(newest, "0");
        slider.sendKeys(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT);
        page.until("step 10 is shown", () -> "10".equals(attribute("#panel-learning", "data-step")));
        JsonNode expected = Command.json(List.of("sample", run.toString(), "--checkpoint", "10", "--prompt-ids",
            String.join(",", idsUpTo(2).stream().map(String::valueOf).toList()), "--max-tokens", "1", "--temperature", "1", "--seed", "1",
            "--show-distribution", "8")).get("samples").get(0).get("steps").get(0).get("top");
        List<WebElement> bars = page.all("#panel-learning .next .bars li");
        assertEquals(8, bars.size());
        for (int i = 0; i < 8; i++) {
            assertEquals(expected.get(i).get("id").asText(), bars.get(i).getDomAttribute("data-id"));
            assertEquals(expected.get(i).get("probability").asDouble(), Double.parseDouble(bars.get(i).getDomAttribute("data-p")), 1e-6);
        }
        assertEquals(3, page.all("#panel-learning .layers tr").size());
        page.until("the lines over all steps are drawn", () -> "true".equals(attribute("#panel-learning", "data-filled")));
        assertEquals(5, page.all("#panel-learning .chance").size());
        new Select(page.find("#panel-learning .attention select")).selectByIndex(3);
        assertTrue(page.find("#panel-learning .attention canvas").getDomAttribute("aria-label").startsWith("Attention of layer 2, head 1"));
        page.click("#panel-learning .slider button");
        page.until("it plays to the end", () -> newest.equals(attribute("#panel-learning", "data-step"))
            && page.find("#panel-learning .slider button").getText().equals("Play"));
    }

    @ParameterizedTest
    @MethodSource("models")
    void parametersAddUp(Path model) {
        use(model);
        tab("parameters");
        JsonNode tally = Command.json(List.of("params", model.toString()));
        page.until("they are this model's", () -> page.find("#panel-parameters h2").getText()
            .equals("%,d parameters".formatted(tally.get("parameters").asLong())));
        long sum = page.all("#panel-parameters .places li").stream().mapToLong(row -> Long.parseLong(row.getDomAttribute("data-size"))).sum();
        assertEquals(tally.get("parameters").asLong(), sum);
    }

    @Test void aModelThatIsNoCheckpointSaysSo() {
        use(Fixtures.own("gpt2"));
        page.write("The old man", 4, 2).choose(2);
        page.click("#tab-checkpoints");
        page.until("it is said", () -> page.find("#panel-checkpoints").getText().contains("no checkpoint of a run"));
        page.click("#tab-learning");
        page.until("it is said", () -> page.find("#panel-learning").getText().contains("no checkpoint of a run"));
    }

    @Test void aPanelGoesOnByItselfWhenTheServerIsBack() {
        int port;
        try (TestServer first = LearnedRun.serve(0, Fixtures.own("gpt2"))) {
            port = first.uri("/").getPort();
            page.open(first.uri("/")).ready().write("The old man", 6, 2).choose(2);
            tab("attention");
        }
        page.click(".tokens [data-position='4']");
        page.until("that nothing answers is told", () -> page.find("#panel-attention .asking").getText().contains("does not answer"));
        try (TestServer second = LearnedRun.serve(port, Fixtures.own("gpt2"))) {
            shown("attention");
            assertEquals(5L, within("attention", "root.querySelectorAll('#prompt button').length"));
            browser.driver().get("about:blank");
            browser.complaints(second.uri("/"));     // that requests failed meanwhile
            assertEquals(List.of(), second.faults());
        }
    }

    /** Arrow keys go from tab to tab; each fits its window, light and dark, and is looked at. */
    @Test void everyPanelFitsAndFollowsTheThemeByKeyboardAlone() {
        page.write("The old man looked at the child", 8, 2).choose(4);
        for (int width : new int[] {1280, 390}) {
            for (boolean dark : new boolean[] {false, true}) {
                browser.resize(width, width == 390 ? 844 : 900);
                browser.dark(dark);
                page.find("#tab-attention").sendKeys(Keys.HOME);
                for (String name : TABS) {
                    shown(name);
                    assertEquals("true", page.find("#tab-" + name).getDomAttribute("aria-selected"));
                    assertFalse(browser.scrollsSideways(), name + " at " + width);
                    page.picture("panel-%s-%d-%s".formatted(name, width, dark ? "dark" : "light"));
                    page.press(Keys.ARROW_RIGHT);
                }
            }
        }
    }

    @Test void thePanelsNameWhatTheyAre() {
        Map<?, ?> names = (Map<?, ?>) browser.value("Object.fromEntries([...document.querySelectorAll('[role=tab]')].map(t => [t.id, t.textContent]))");
        assertEquals(TABS.size(), names.size());
        for (String name : TABS) {
            page.click("#tab-" + name);
            assertEquals("tab-" + name, page.find("#panel-" + name).getDomAttribute("aria-labelledby"));
            List<?> nameless = (List<?>) browser.value("[...document.querySelectorAll('#panel-" + name + " :is(input, textarea, select)')]"
                + ".filter(e => !e.labels.length && !e.ariaLabel).map(e => e.outerHTML)");
            assertEquals(List.of(), nameless);
        }
    }
}
