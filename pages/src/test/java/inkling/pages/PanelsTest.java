package inkling.pages;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import inkling.Fixtures;
import inkling.inspect.AttentionMap;
import inkling.inspect.ForwardTrace;
import inkling.serve.TestServer;
import inkling.serve.api.ServedModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;

/** The views of the model, for small models and for a run that kept its checkpoints. They show the same as the commands and the API. */
class PanelsTest extends PlaygroundTests {
    private static final List<String> TABS = List.of("attention", "lens", "neighbors", "word", "score", "checkpoints", "learning",
        "parameters");

    @TempDir static Path directory;

    @Override TestServer serve() throws IOException {
        return LearnedRun.serve(Stream.concat(Stream.of(LearnedRun.train(directory)), models()).toArray(Path[]::new));
    }

    static Stream<Path> models() {
        return Fixtures.models("pretrained/dickens-gpt2");
    }

    private static String nameOf(Path model) {
        return model.getFileName().toString();
    }

    private static int[] array(List<Integer> ids) {
        return ids.stream().mapToInt(id -> id).toArray();
    }

    @ParameterizedTest
    @MethodSource("models")
    void attentionOpensOnTheClearestHeadAndTellsItsShares(Path model) {
        page.use(model);
        page.write("The old man looked at the", 6, 2).choose(6);
        panels.tab("attention");
        ServedModel served = server.model(nameOf(model));
        AttentionMap map = served.batcher().call(() -> AttentionMap.of(ForwardTrace.of(served.model().gpt(), served.model().manager(),
            served.model().tokenText(), array(panels.idsUpTo(6)))));
        AttentionMap.Place clearest = map.clearest(OptionalInt.empty(), OptionalInt.empty());
        assertEquals("Layer %d, head %d".formatted(clearest.layer() + 1, clearest.head() + 1),
            panels.within("attention", "root.getElementById('title').textContent"));
        assertEquals((long) map.layers() * map.heads(), panels.within("attention", "root.querySelectorAll('#heads button').length"));
        float[] last = map.weights()[clearest.layer()][clearest.head()][6];
        int most = 0;
        for (int key = 1; key < last.length; key++) {
            most = last[key] > last[most] ? key : most;
        }
        String told = (String) panels.within("attention", "root.getElementById('readout').textContent");
        assertTrue(told.contains("looks most at “" + map.labels().get(most) + "” "), told + ": it is " + map.labels().get(most));

        panels.within("attention", "root.querySelector('#heads button[data-layer=\"0\"][data-head=\"1\"]').click()");
        assertEquals("Layer 1, head 2", panels.within("attention", "root.getElementById('title').textContent"));
        page.choose(5);
        panels.shown("attention");
        page.until("the head that was chosen stays",
            () -> "Layer 1, head 2".equals(panels.within("attention", "root.getElementById('title').textContent"))
            && panels.within("attention", "root.querySelectorAll('#prompt button').length").equals(6L));
    }

    @ParameterizedTest
    @MethodSource("models")
    void theLastLayerSaysWhatTheDistributionSays(Path model) {
        page.use(model).knob("temperature", 1);
        page.write("The old man looked at the", 6, 2).choose(5);
        panels.tab("lens");
        String likeliest = (String) panels.within("lens", "root.querySelector('#bars .figure').textContent");
        page.choose(6);   // the token at position 6 was drawn from the distribution after position 5
        double p = page.bars().values().stream().mapToDouble(Number::doubleValue).max().orElseThrow();
        assertEquals(browser.value("inkling.percent(" + p + ")"), likeliest);
    }

    @ParameterizedTest
    @MethodSource("models")
    void neighboursAreThoseOfTheApiAndBlue(Path model) {
        page.use(model);
        page.write("The old man looked at the", 6, 2).choose(3);
        panels.tab("neighbors");
        JsonNode expected = server.post("/inkling/v1/neighbors", "{'model':'" + nameOf(model) + "','id':" + panels.idsUpTo(3).get(3) + "}")
            .json()
            .get("results");
        List<WebElement> bars = page.all("#panel-neighbors .bars li");
        assertEquals(16, bars.size());
        for (int i = 0; i < expected.size(); i++) {
            assertEquals(expected.get(i).get("similarity").asDouble(), Double.parseDouble(bars.get(i).getDomAttribute("data-similarity")),
                1e-6);
        }
        Object blue = browser.value("(e => { e.style.color = 'var(--learned)'; document.body.append(e);"
            + " const c = getComputedStyle(e).color; e.remove(); return c; })(document.createElement('i'))");
        String bar = page.find("#panel-neighbors .bar span").getCssValue("background-color");
        assertEquals(blue, bar.replace("rgba", "rgb").replace(", 1)", ")"), "what was learned is blue");
    }

    @Test void theSameWordIsFollowedThroughTwoTexts() {
        page.write("The old man looked at the man", 4, 2);
        int man = page.endOf(" man");
        page.choose(man);
        panels.tab("word");
        assertEquals("man", page.find("#panel-word input").getDomProperty("value"));
        page.type("#panel-word label:nth-of-type(3) textarea", "No man").click("#panel-word form button");
        panels.shown("word");
        assertEquals(3L, panels.within("word", "root.querySelectorAll('#rows tr').length"), "the embedding and two blocks");
        String angle = (String) panels.within("word", "root.querySelector('#rows tr:last-child td:nth-child(2)').textContent");
        JsonNode trace = server.post("/inkling/v1/trace", "{'model':'" + LearnedRun.NAME + "','prompt':'"
            + page.find("#panel-word label:nth-of-type(2) textarea").getDomProperty("value") + "','word':'man','other':'No man'}").json();
        assertEquals("%.1f°".formatted(trace.get("layers").get(2).get("angle").asDouble()), angle);
        page.type("#panel-word label:nth-of-type(3) textarea", "Nobody").click("#panel-word form button");
        page.until("what is wrong is told", () -> page.find("#panel-word .asking").getText().contains("does not occur"));
        browser.driver().manage().logs().get("browser");   // empties the browser's log, which has the refused request, too
    }

    /**
     * The page offers a second text that ends with the same token: of several texts, the one for which the layers add most to the angle
     * between the token's vectors in the two texts.
     */
    @Test void theOfferedTextIsTheOneInWhichTheWordsVectorsDivergeMost() {
        page.write("A man and an old man saw the other man", 2, 2).choose(page.endOf("other man"));
        panels.tab("word");
        String shown = page.find("#panel-word label:nth-of-type(3) textarea").getDomProperty("value");
        assertEquals(traceTo(shown).get("summary").asText(), panels.within("word", "root.getElementById('summary').textContent"));
        assertTrue(traceTo(shown).get("same_token").asBoolean(), shown);
        for (String other : List.of("A man", "A man and an old man", "On the other man", "And then man", "It was man")) {
            assertTrue(angleAdded(traceTo(shown)) >= angleAdded(traceTo(other)) - 1e-3, shown + ": " + other);
        }
    }

    /** The server's trace of the word "man" in the panel's first text and in another text, in the form that pages draw. */
    private JsonNode traceTo(String other) {
        return server.post("/inkling/v1/trace", "{'model':'" + LearnedRun.NAME + "','prompt':'"
            + page.find("#panel-word label:nth-of-type(2) textarea").getDomProperty("value") + "','word':'man','other':'" + other
            + "','form':'page'}").json();
    }

    private static double angleAdded(JsonNode trace) {
        return trace.get("layers").get(2).get("angle").asDouble() - trace.get("layers").get(0).get("angle").asDouble();
    }

    @ParameterizedTest
    @MethodSource("models")
    void aTextOfOnesOwnIsScoredAsTheCommandScoresIt(Path model) {
        String text = "The child looked at the boat, and the boat at nobody.";
        page.use(model);
        page.click("#tab-score").type("#panel-score textarea", text).click("#panel-score form button");
        panels.shown("score");
        JsonNode expected = Command.json(List.of("score", model.toString(), "--prompt", text));
        List<WebElement> tokens = page.all("#panel-score .heat button");
        assertEquals(expected.get("positions").size(), tokens.size());
        for (int i = 1; i < tokens.size(); i++) {
            assertEquals(expected.get("positions").get(i).get("logprob").asDouble(),
                Double.parseDouble(tokens.get(i).getDomAttribute("data-logprob")),
                1e-6, "token " + i);
        }
        List<WebElement> figures = page.all("#panel-score .figures dd");
        assertEquals(expected.get("perplexity").asDouble(), Double.parseDouble(figures.get(1).getDomAttribute("data-value")), 1e-5);
        assertEquals(expected.get("bits_per_character").asDouble(), Double.parseDouble(figures.get(2).getDomAttribute("data-value")), 1e-6);
        String worst = page.find("#panel-score .heat .chosen").getText();
        tokens.get(1).sendKeys(Keys.ARROW_RIGHT);
        assertEquals(tokens.get(2).getText(), page.find("#panel-score .heat .chosen").getText(), "arrow keys walk; it opened on " + worst);
    }

    @ParameterizedTest
    @MethodSource("models")
    void parametersAddUp(Path model) {
        page.use(model);
        panels.tab("parameters");
        JsonNode tally = Command.json(List.of("params", model.toString()));
        page.until("they are this model's", () -> page.find("#panel-parameters h2").getText()
            .equals("%,d parameters".formatted(tally.get("parameters").asLong())));
        long sum = page.all("#panel-parameters .places li").stream().mapToLong(row -> Long.parseLong(row.getDomAttribute("data-size")))
            .sum();
        assertEquals(tally.get("parameters").asLong(), sum);
        assertEquals(page.find("#panel-parameters .places li .share").getText(),
            page.find("#panel-parameters .tally tbody tr td:last-child").getText(), "the embedding has the same share in both lists");
        double shares = page.all("#panel-parameters .tally tbody td:last-child").stream().map(WebElement::getText)
            .filter(share -> !share.isEmpty()).mapToDouble(share -> Double.parseDouble(share.replace(" %", ""))).sum();
        assertEquals(200, shares, 0.5, "100 % for all rows but the last, and 100 % for the last, which is their sum");
        browser.resize(390, 844);
        assertTrue((Boolean) browser.value("(scroll => scroll.scrollWidth <= scroll.clientWidth)(document.querySelector('#panel-parameters "
            + ".scroll'))"), "the table is whole on a phone");
        browser.resize(1280, 900);
    }

    @Test void aPanelGoesOnByItselfWhenTheServerIsBack() {
        int port;
        try (TestServer first = LearnedRun.serve(0, Fixtures.own("gpt2"))) {
            port = first.uri("/").getPort();
            page.open(first.uri("/")).ready().write("The old man", 6, 2).choose(2);
            panels.tab("attention");
        }
        page.click(".tokens [data-position='4']");
        page.until("that nothing answers is told", () -> page.find("#panel-attention .asking").getText().contains("does not answer"));
        try (TestServer second = LearnedRun.serve(port, Fixtures.own("gpt2"))) {
            panels.shown("attention");
            assertEquals(5L, panels.within("attention", "root.querySelectorAll('#prompt button').length"));
            browser.driver().get("about:blank");
            browser.complaints(second.uri("/"));     // takes the complaints about requests that failed meanwhile
            assertEquals(List.of(), second.faults());
        }
    }

    /** Arrow keys go from tab to tab. Each panel fits the window, light and dark. Pictures are made for people to look at. */
    @Test void everyPanelFitsAndFollowsTheThemeByKeyboardAlone() {
        page.write("The old man looked at the child", 8, 2).choose(4);
        page.find("#tab-attention").sendKeys(Keys.HOME);
        for (String name : TABS) {
            panels.shown(name);
            assertEquals("true", page.find("#tab-" + name).getDomAttribute("aria-selected"));
            page.fits("panel-" + name).press(Keys.ARROW_RIGHT);
        }
    }

    @Test void everyPanelAndEveryFieldHasAName() {
        Map<?, ?> names = (Map<?, ?>) browser.value("Object.fromEntries([...document.querySelectorAll('[role=tab]')]"
            + ".map(t => [t.id, t.textContent]))");
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
