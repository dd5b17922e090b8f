package inkling.pages;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import inkling.Fixtures;
import inkling.inspect.page.Browser;
import inkling.serve.TestServer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;

/** The playground with small models. It shows the same as the commands, and works by keyboard. */
class PlaygroundTest extends PlaygroundTests {
    @Override TestServer serve() {
        return LearnedRun.serve(models().toArray(Path[]::new));
    }

    static Stream<Path> models() {
        return Fixtures.models("pretrained/dickens-gpt2");
    }

    private static String joined(List<Integer> ids) {
        return String.join(",", ids.stream().map(String::valueOf).toList());
    }

    /** Asserts that each token with a bar has the probability that {@code sample --show-distribution} tells; 0 if the token is cut. */
    private void assertBarsAreThoseOfTheCommand(Path model, List<Integer> prefix, String... sampling) {
        List<String> arguments = new ArrayList<>(List.of("sample", model.toString(), "--prompt-ids", joined(prefix), "--max-tokens", "1",
            "--seed", "1", "--show-distribution", "400"));
        arguments.addAll(List.of(sampling));
        Map<String, Double> expected = new HashMap<>();
        for (JsonNode entry : Command.json(arguments).get("samples").get(0).get("steps").get(0).get("top")) {
            expected.put(entry.get("id").asText(), entry.get("probability").asDouble());
        }
        Map<String, Number> bars = page.bars();
        assertTrue(bars.size() >= 4, "few bars: " + bars);
        bars.forEach((id, p) -> assertEquals(expected.get(id), p.doubleValue(), 1e-6, "token " + id));
    }

    @ParameterizedTest
    @MethodSource("models")
    void theDistributionOfABranchIsThatOfTheCommandAtTheSamePrefix(Path model) {
        page.use(model).knob("temperature", 1).write("The old man", 12, 3);
        List<Integer> ids = page.ids();
        page.choose(ids.size() - 3);
        assertBarsAreThoseOfTheCommand(model, ids.subList(0, ids.size() - 3), "--temperature", "1");
        WebElement other = page.all("#bars li:not(.drawn):not(.removed) button").get(1);
        int chosen = Integer.parseInt(other.findElement(org.openqa.selenium.By.xpath("..")).getDomAttribute("data-id"));
        other.click();
        page.written();
        List<Integer> branch = page.ids();
        assertEquals(ids.subList(0, ids.size() - 3), branch.subList(0, ids.size() - 3));
        assertEquals(chosen, branch.get(ids.size() - 3));
        page.knob("temperature", 0.7).knob("top_k", 9).knob("top_p", 0.9);
        page.choose(branch.size() - 2);
        assertBarsAreThoseOfTheCommand(model, branch.subList(0, branch.size() - 2), "--temperature", "0.7", "--top-k", "9",
            "--top-p", "0.9");
    }

    /** In the mode "exact", the page has the same text as the {@code inkling sample} command that it shows. */
    @ParameterizedTest
    @MethodSource("models")
    void theCommandThatThePageGivesWritesTheSameText(Path model) {
        page.use(model).click("#exact").knob("temperature", 0.85).knob("min_p", 0.02).knob("repetition_penalty", 1.1);
        page.write("It's \"so\" $HOME", 14, 11);
        List<String> words = Command.words(page.find("#copied").getText());
        assertEquals(List.of("inkling", "sample"), words.subList(0, 2));
        JsonNode sample = Command.json(words.subList(1, words.size()));
        List<Integer> drawn = new ArrayList<>();
        sample.get("samples").get(0).get("ids").forEach(id -> drawn.add(id.asInt()));
        List<Integer> shown = page.ids();
        assertEquals(drawn, shown.subList(shown.size() - drawn.size(), shown.size()));
        assertEquals("It's \"so\" $HOME" + sample.get("samples").get(0).get("text").asText(), page.text());
    }

    @Test void branchesStayAndCanBeGoneBackTo() {
        page.write("The old man", 8, 3);
        String first = page.text();
        page.choose(5).click("#bars li:nth-child(4) button").written();
        String second = page.text();
        assertNotEquals(first, second);
        assertEquals(2, page.all("[role=treeitem]").size());
        page.click("#back").click("#back");
        page.until("the first text is back", () -> page.text().equals(first));
        page.click("#forward").click("#forward");
        page.until("the second is back", () -> page.text().equals(second));
        page.click("[role=treeitem] .words");
        page.until("the tree shows the first", () -> page.text().equals(first));
        assertTrue(page.isThere(".tokens .fork"), "where a branch goes off is marked");
    }

    @Test void twoSettingsWithOneSeedStandSideBySide() {
        page.write("The old man", 12, 3);
        String first = page.text();
        page.knob("temperature", 0).click("#again").written();
        page.until("both are there", () -> page.isThere(".beside"));
        String beside = page.find(".beside .text").getText().replace("↵", "");
        assertEquals(first.replaceAll("\\s", ""), beside.replaceAll("\\s", ""));
        assertTrue(page.find(".beside .note").getText().contains("temperature 0.8 · seed 3"));
        assertEquals("temperature 0 · seed 3", page.find(".reading .settings").getText());
        assertTrue(page.find(".reading .state").getText().contains("seed 3"));
        page.click(".beside .head button:last-child");
        assertFalse(page.isThere(".beside"));
    }

    @Test void theTextBesideIsTheSameOnlyIfNeitherGoesOnAfterTheOther() {
        page.click("#exact").write("The old man", 6, 3);
        page.type("#max-tokens", "9").click("#again").written();
        page.until("it ends earlier", () -> besideNote().contains(" · the beginning of the shown text · "));
        page.click(".beside .head button:first-child");
        page.until("it goes on", () -> besideNote().contains(" · begins with the shown text · "));
        page.mark(".beside button").type("#max-tokens", "6").click("#again").written();
        page.until("both end", () -> besideNote().contains(" · the same · "));
        assertTrue(page.stays(".beside button"), "a click while a text is written is not lost");
    }

    private String besideNote() {
        return page.find(".beside .note").getText();
    }

    @Test void aLinkHasTheSameTextAgain() {
        page.knob("temperature", 0.6).knob("top_p", 0.8);
        page.click("#exact").write("Once upon\na time & #1", 10, 21);
        String text = page.text();
        String link = browser.driver().getCurrentUrl();
        assertTrue(link.contains("#model=") && link.contains("seed=21"), link);
        new Playground(browser).open(URI.create(link)).ready().written();
        assertEquals(text, page.text());
        assertEquals("Once upon\na time & #1", page.find("#prompt").getDomProperty("value"));
    }

    @Test void aLinkToAnotherServersModelSaysSo() {
        new Playground(browser).open(server.uri("/#model=other&prompt=The+old&seed=2&n=3")).ready().written();
        assertTrue(page.find(".problem").getText().contains("other, which this server does not have: gpt2 writes instead"));
        assertTrue(page.text().startsWith("The old"), page.text());
    }

    @Test void whatIsCopiedAsCurlAsksForTheSame() {
        page.click("#exact").write("The old", 9, 5);
        page.choose("#copy-as", "curl");
        List<String> words = Command.words(page.find("#copied").getText().replace("\\\n", ""));
        assertEquals(server.uri("/v1/completions").toString(), words.get(1));
        JsonNode answer = server.post("/v1/completions", words.get(words.size() - 1)).json();
        assertEquals(page.text(), "The old" + answer.get("choices").get(0).get("text").asText());
        for (String form : List.of("openai-java", "Python")) {
            page.choose("#copy-as", form);
            assertTrue(page.find("#copied").getText().contains(server.uri("/v1").toString()), form);
        }
    }

    /** The model can begin a text by itself. What is copied then has an empty prompt, since OpenAI's clients require one. */
    @Test void whatIsCopiedOfATextThatTheModelBeganWritesTheSame(@TempDir Path folder) throws IOException {
        page.click("#exact").write("", 9, 5);
        List<String> command = Command.words(copied("inkling sample"));
        JsonNode sample = Command.json(command.subList(1, command.size())).get("samples").get(0);
        List<Integer> drawn = new ArrayList<>();
        sample.get("ids").forEach(id -> drawn.add(id.asInt()));
        assertEquals(page.ids().subList(1, page.ids().size()), drawn, "all but the token that begins a text");
        String text = sample.get("text").asText();
        List<String> curl = Command.words(copied("curl").replace("\\\n", ""));
        JsonNode answer = server.post("/v1/completions", curl.get(curl.size() - 1)).json();
        assertEquals(text, answer.get("choices").get(0).get("text").asText());
        assertEquals(text, Command.java(copied("openai-java"), folder));
        assertTrue(copied("Python").contains(" prompt=\"\",\n"), copied("Python"));
    }

    private String copied(String form) {
        page.choose("#copy-as", form);
        return page.find("#copied").getDomProperty("textContent");
    }

    /** A page that comes over http from another machine may not copy. It selects what the user asked for: the link or the command. */
    @Test void whatCannotBeCopiedIsShownAndSelected() {
        page.write("The old man", 4, 3);
        String command = copied("curl");
        browser.driver().executeScript("Object.defineProperty(navigator, 'clipboard', {value: undefined})");
        page.click("#copy-link").until("it says so", () -> page.find("#share-said").getText().contains("Ctrl+C"));
        assertEquals(browser.driver().getCurrentUrl(), browser.value("getSelection().toString()"));
        page.click("#copy").until("the command is selected", () -> command.equals(browser.value("getSelection().toString()")));
    }

    @Test void theTextIsSavedAsOneFile(@TempDir Path folder) throws IOException {
        browser.driver().executeCdpCommand("Browser.setDownloadBehavior", Map.of("behavior", "allow", "downloadPath", folder.toString()));
        page.write("The old man", 6, 3).click("#save");
        Path file = folder.resolve("gpt2-3.html");
        page.until("the file is there", () -> Files.exists(file));
        String html = Files.readString(file);
        assertTrue(html.contains("Transcript of gpt2") && html.contains("seed 3"));
        assertEquals(6, html.split("role=\"option\"", -1).length - 1);
    }

    /** All tokens of a conversation are shown. A changed turn gets a new answer, and the first answer stays in the tree. */
    @Test void aConversationIsShownWithAllItsTokens() {
        page.click("#kind-chat").type("#system", "Be kind.").type(".turns li:first-child textarea", "Who are you?").type("#max-tokens", "6")
            .type("#seed", "2").click("#write").written();
        JsonNode tokens = server.post("/tokenize", "{'model':'gpt2','messages':[{'role':'system','content':'Be kind.'},"
            + "{'role':'user','content':'Who are you?'}]}").json().get("tokens");
        List<Integer> expected = new ArrayList<>();
        tokens.forEach(id -> expected.add(id.asInt()));
        assertEquals(expected, page.ids().subList(0, expected.size()));
        page.until("there is room for the next turn", () -> page.all(".turns li").size() == 3);
        page.type(".turns li:first-child textarea", "Where?").click(".turns li:first-child button").until("it is answered anew",
            () -> page.all("[role=treeitem]").size() == 2 && page.state().equals("done"));
        assertTrue(page.text().contains("Where?") && !page.text().contains("Who are you?"), page.text());
        page.until("the answer is a turn", () -> page.all(".turns li").size() == 3);
    }

    /** Writing a text, making a branch and going back all work without a mouse. */
    @Test void theKeyboardIsEnough() {
        browser.driver().executeScript("document.getElementById('prompt').focus()");
        page.press("The old man").chord(Keys.CONTROL, Keys.ENTER).written();
        String first = page.text();
        page.tabTo(".tokens [data-position]").press(Keys.HOME, Keys.ARROW_RIGHT, Keys.ARROW_RIGHT, Keys.ARROW_RIGHT, Keys.ARROW_RIGHT);
        assertEquals("4", browser.value("document.activeElement.dataset.position"));
        page.until("its distribution is shown", () -> page.find("#chosen").getText().startsWith("5 of"));
        page.until("its bars are shown", () -> page.find(".bars").getDomAttribute("data-state").equals("shown"));
        page.tabTo("#bars button").press(Keys.ARROW_DOWN, Keys.ARROW_DOWN, Keys.ARROW_DOWN, Keys.ENTER);
        page.until("there is a branch", () -> page.all("[role=treeitem]").size() == 2);
        page.written();
        assertNotEquals(first, page.text());
        page.chord(Keys.ALT, Keys.SHIFT, Keys.ARROW_LEFT).chord(Keys.ALT, Keys.SHIFT, Keys.ARROW_LEFT);
        page.until("the first text is back", () -> page.text().equals(first));
        page.tabTo("[role=treeitem]").press(Keys.ARROW_DOWN, Keys.ENTER);
        page.until("the branch is shown", () -> !page.text().equals(first));
    }

    @Test void topKTakesNoFraction() {
        page.write("The old man", 8, 3).knob("top_k", 7);
        browser.driver().executeScript("const e = document.querySelector('#knob-top_k + input'); e.value = '2.5';"
            + "e.dispatchEvent(new Event('change', {bubbles: true}))");
        assertEquals("7", browser.value("document.querySelector('#knob-top_k + input').value"), "the value before stays");
    }

    /** Every control has a name that a screen reader can read out. */
    @Test void everyControlHasAName() {
        page.write("The old man", 8, 3).choose(6);
        List<?> nameless = (List<?>) browser.value("[...document.querySelectorAll('button, input, select, textarea, [role]')]"
            + ".filter(e => e.offsetParent && !['presentation', 'group'].includes(e.getAttribute('role')))"
            + ".filter(e => !(e.getAttribute('aria-label') || e.getAttribute('aria-labelledby') || e.labels?.length"
            + " || e.textContent.trim() || ['status', 'alert'].includes(e.getAttribute('role')))).map(e => e.outerHTML)");
        assertEquals(List.of(), nameless);
    }

    @Test void itFitsADeskAndAPhoneLightAndDark() {
        page.write("The old man", 30, 3).knob("top_k", 20).knob("top_p", 0.9).choose(8);
        page.knob("temperature", 0.7).click("#again").written();
        page.fits("playground");
    }
}
