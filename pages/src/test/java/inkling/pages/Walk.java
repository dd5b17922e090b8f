package inkling.pages;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import inkling.inspect.page.Browser;
import inkling.serve.TestServer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;

/**
 * Uses the playground for one model, partly by keys alone. A text is written, examined, branched, written by other programs, and saved.
 * Another text is scored, a conversation is held, and if the model is a run's, the texts of the run's checkpoints are compared.
 */
final class Walk {
    private static final String PROMPT = "The old man looked at the man";
    private static final int TOKENS = 16;

    private final Browser browser;
    private final TestServer server;
    private final Playground page;
    private final Panels panels;

    /** @param page the playground, opened at {@code server} */
    Walk(Playground page, TestServer server) {
        this.page = page;
        this.server = server;
        browser = page.browser;
        panels = new Panels(page);
    }

    /** @param folder for the file that the page saves, and for a program that is run */
    void through(Path model, Path folder) throws IOException {
        page.use(model).click("#exact").type("#max-tokens", "" + TOKENS).type("#seed", "3");
        aTextStreamsInAndIsShaded();
        String text = page.text();
        knobsReshapeWithoutARequest();
        anotherTokenIsABranch(text);
        theInsideOfATokenIsShown();
        aTextOfOnesOwnIsScored();
        checkpointsAreComparedAndTheNewestFollowed(model);
        whatIsCopiedWritesTheSame(text, folder);
        aConversationShowsItsTokens(model);
        page.fits("walk-" + model.getFileName());
        aLinkHasTheText(text);
        theSavedFileHasIt(folder.resolve(model.getFileName() + "-3.html"));
    }

    private void aTextStreamsInAndIsShaded() {
        browser.driver().executeScript("const seen = window.lengths = new Set();"
            + "new MutationObserver(() => seen.add(document.querySelectorAll('.tokens [data-id]').length))"
            + ".observe(document.getElementById('playground'), {childList: true, subtree: true})");
        connectionOf(8_000);     // a small model would write the whole text before the page draws any of it
        page.type("#prompt", PROMPT).chord(Keys.CONTROL, Keys.ENTER).written();
        connectionOf(-1);
        assertTrue(((Number) browser.value("lengths.size")).intValue() > 3, "it came at once: " + browser.value("[...lengths]"));
        assertTrue(page.text().startsWith(PROMPT), page.text());
        assertEquals(List.of(), browser.value("[...document.querySelectorAll('.tokens [data-id]:not(.prompt)')]"
            + ".filter(e => !(e.style.getPropertyValue('--shade') > 0)).map(e => e.title)"));
        String state = page.find(".reading .state").getText();
        assertTrue(state.matches(TOKENS + " tokens, .* tokens/s.* · seed 3, exact"), state);
    }

    /** @param throughput bytes a second that the page receives; −1 for no limit */
    private void connectionOf(int throughput) {
        browser.driver().executeCdpCommand("Network.enable", Map.of());
        browser.driver().executeCdpCommand("Network.emulateNetworkConditions",
            Map.of("offline", false, "latency", 0, "downloadThroughput", throughput, "uploadThroughput", -1));
    }

    /** Goes to a token of the text by keys alone. */
    private void walkTo(int position) {
        page.tabTo(".tokens [data-position]").press(Keys.HOME);
        for (int i = 0; i < position; i++) {
            page.press(Keys.ARROW_RIGHT);
        }
        page.until("its bars are shown", () -> page.find("#chosen").getText().startsWith(position + 1 + " of")
            && page.find(".bars").getDomAttribute("data-state").equals("shown"));
    }

    private void knobsReshapeWithoutARequest() {
        walkTo(page.ids().size() - 4);
        Map<String, Number> before = page.bars();
        long answers = page.answers();
        page.knob("temperature", 0.6).knob("top_k", 3);
        assertNotEquals(before, page.bars());
        assertTrue(page.all("#bars .cut").stream().anyMatch(cut -> cut.getText().contains("top-k 3 cut")), "what was cut stands apart");
        assertTrue(page.isThere("#strip .taken"));
        page.click("#as-drawn");
        assertEquals(before, page.bars());
        assertEquals(answers, page.answers());
    }

    private void anotherTokenIsABranch(String text) {
        int at = page.ids().size() - 4;
        page.tabTo("#bars li:not(.drawn):not(.removed) button").press(Keys.ENTER);
        page.until("there is a branch", () -> page.all("[role=treeitem]").size() == 2);
        page.written();
        assertNotEquals(text, page.text());
        assertTrue(page.isThere("[role=treeitem] [role=treeitem]"), "it hangs below the text that it left");
        page.chord(Keys.ALT, Keys.SHIFT, Keys.ARROW_LEFT).until("the first text is back", () -> page.text().equals(text));
        assertTrue(page.isThere(".tokens [data-position='" + at + "'].fork"), "where a branch goes off is marked");
        page.knob("temperature", 0).click("#again").written();
        page.until("both settings stand side by side", () -> page.isThere(".beside"));
        page.click(".beside .head button:last-child").click("#defaults").click("[role=treeitem] .words");
        page.until("the tree shows the first", () -> page.text().equals(text));
    }

    private void theInsideOfATokenIsShown() {
        walkTo(page.endOf("at the man"));
        page.tabTo("[role=tab][aria-selected='true']").press(Keys.HOME);
        for (String name : List.of("attention", "lens", "neighbors", "word")) {
            panels.shown(name);
            page.press(Keys.ARROW_RIGHT);
        }
        assertTrue(((String) panels.within("attention", "root.getElementById('readout').textContent")).contains("looks most at"));
        assertEquals(16, page.all("#panel-neighbors .bars li").size());
    }

    private void aTextOfOnesOwnIsScored() {
        page.click("#tab-score").type("#panel-score textarea", "Nobody looked at the boat.").press(Keys.TAB, Keys.ENTER);
        page.until("it is that text's score", () -> "shown".equals(panels.attribute("#panel-score .panel-body", "data-state"))
            && page.find("#panel-score .heat").getText().startsWith("N"));
        List<Double> figures = page.all("#panel-score .figures dd").stream().map(dd -> Double.valueOf(dd.getDomAttribute("data-value")))
            .toList();
        assertEquals(Math.exp(figures.get(3)), figures.get(1), 1e-9 * figures.get(1), "perplexity is e to the loss");
    }

    private void checkpointsAreComparedAndTheNewestFollowed(Path model) throws IOException {
        page.click("#tab-checkpoints");
        if (!Files.exists(model.resolve("last"))) {
            page.until("that there are none is said", () -> page.find("#panel-checkpoints").getText().contains("no checkpoint of a run"));
            return;
        }
        panels.shown("checkpoints");
        assertEquals(6, page.all("#panel-checkpoints .rows li").size());
        assertTrue(page.isThere("#panel-checkpoints circle[data-step='0']"));
        assertTrue(page.all("#panel-checkpoints circle.measured").size() > 3, "validation is shown where it was measured");
        long next = LearnedRun.newest(model) + 10;
        CompletableFuture<Void> training = CompletableFuture.runAsync(() -> LearnedRun.resume(model, next));
        page.until("the newest has a row", () -> page.isThere("#panel-checkpoints li[data-step='" + next + "'][data-state='written']"));
        training.join();
        panels.tab("learning");
        assertEquals("" + next, panels.attribute("#panel-learning", "data-step"));
    }

    /** Runs the command, the request and the program that the page offers for copying. */
    private void whatIsCopiedWritesTheSame(String text, Path folder) throws IOException {
        List<String> command = Command.words(copied("inkling sample"));
        JsonNode sample = Command.json(command.subList(1, command.size())).get("samples").get(0);
        assertEquals(text, PROMPT + sample.get("text").asText());
        curl(copied("curl")).ifPresent(answer -> assertEquals(text, PROMPT + answer.get("choices").get(0).get("text").asText()));
        assertEquals(text, PROMPT + Command.java(copied("openai-java"), folder));
    }

    private String copied(String form) {
        page.choose("#copy-as", form);
        return page.find("#copied").getDomProperty("textContent");
    }

    private static Optional<JsonNode> curl(String line) {
        return Command.isThere("curl") ? Optional.of(TestServer.parse(Command.output(List.of("sh", "-c", line)))) : Optional.empty();
    }

    private void aConversationShowsItsTokens(Path model) {
        page.click("#kind-chat").type("#system", "Be kind.").type(".turns li:first-child textarea", "Who are you?").type("#max-tokens", "6")
            .click("#write").written();
        List<Integer> sent = new ArrayList<>();
        server.post("/tokenize", "{'model':'" + model.getFileName() + "','messages':[{'role':'system','content':'Be kind.'},"
            + "{'role':'user','content':'Who are you?'}]}").json().get("tokens").forEach(id -> sent.add(id.asInt()));
        assertEquals(sent, page.ids().subList(0, sent.size()), "the very tokens");
        page.until("there is room for the next turn", () -> page.all(".turns li").size() == 3);
        String answer = page.find(".turns li:nth-child(2) textarea").getDomProperty("value");
        curl(copied("curl"))
            .ifPresent(again -> assertEquals(answer, again.get("choices").get(0).get("message").get("content").asText()));
        page.type(".turns li:first-child textarea", "Where?").click(".turns li:first-child button");
        page.until("the turn is answered anew", () -> page.text().contains("Where?") && page.state().equals("done"));
        page.written();
    }

    private void aLinkHasTheText(String text) {
        page.click("[role=treeitem] .words").until("the first text is shown", () -> page.text().equals(text));
        String link = browser.driver().getCurrentUrl();
        assertTrue(link.indexOf('#') < link.indexOf("prompt="), "the prompt stays in the browser: " + link);
        page.open(URI.create(link)).ready().written();
        assertEquals(text, page.text());
    }

    private void theSavedFileHasIt(Path file) throws IOException {
        browser.driver().executeCdpCommand("Browser.setDownloadBehavior",
            Map.of("behavior", "allow", "downloadPath", file.getParent().toString()));
        page.click("#save").until("the file is there", () -> Files.exists(file));
        assertEquals(List.of(), browser.complaints(server.uri("/")));
        browser.open(file.toUri());
        List<WebElement> tokens = page.all("[role=option]");
        assertEquals(TOKENS, tokens.size());
        tokens.get(2).click();
        assertEquals("true", page.all("[role=option]").get(2).getDomAttribute("aria-selected"));
        assertEquals(List.of(), browser.complaints(file.toUri()), "it needs nothing but itself");
    }
}
