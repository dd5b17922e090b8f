package inkling.pages;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.serve.TestServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.WebElement;

/** The five things of docs/views.md that a teacher shows a class. Each is reached from the start page, by what is visible there. */
class ClassroomTest extends PlaygroundTests {
    @TempDir static Path directory;

    @Override TestServer serve() throws IOException {
        return LearnedRun.serve(LearnedRun.train(directory));
    }

    private void write() {
        page.type("#prompt", "The old man looked at the man").click("#write").written();
    }

    private WebElement seen(String css) {
        page.until(css + " is seen", () -> page.isThere(css));
        return page.find(css);
    }

    private String inView(String tab, String css) {
        return (String) new Panels(page).within(tab, "root.querySelector('" + css + "').textContent");
    }

    private void isDrawn(String tab) {
        page.until(tab + " is drawn", () -> "shown".equals(page.find("#panel-" + tab + " .panel-body").getDomAttribute("data-state")));
    }

    /** The position of the first new token that is a blank and a whole word of two letters or more; if none is, of the first new token. */
    private String firstWord() {
        List<WebElement> written = page.all(".tokens [data-id]:not(.prompt)");
        List<String> titles = written.stream().map(token -> token.getDomAttribute("title")).toList();
        int found = IntStream.range(0, titles.size()).filter(i -> titles.get(i).matches(" \\p{L}{2,}: .*")
            && (i + 1 == titles.size() || !Character.isLetter(titles.get(i + 1).charAt(0)))).findFirst().orElse(0);
        return written.get(found).getDomAttribute("data-position");
    }

    /** Nothing is typed. The model continues the text that the field has, and the page tells the checkpoint's step and chooses a word. */
    @Test void writeAloneIsEnough() {
        String beginning = page.find("#prompt").getDomProperty("value");
        assertTrue(beginning.contains("child"), beginning);
        assertTrue(page.find("#connection").getText().startsWith("step 40 of its run"), page.find("#connection").getText());
        page.click("#write").written();
        assertTrue(page.text().startsWith(beginning), page.text());
        assertEquals("0.8", page.find("#knob-temperature").getDomProperty("value"), "as in sample");
        assertTrue(page.find("#view").getText().contains("What could have stood in its place"));
        assertTrue(page.find(".reading .state").getText().contains("the model's context of 64 tokens is full"));
        assertFalse(page.find("#go-on").isEnabled());
        assertEquals(firstWord(), page.find(".tokens [aria-selected='true']").getDomAttribute("data-position"));
        browser.value("document.querySelector('#kind-chat').click()");
        assertTrue(page.find(".chat > .note").getText().contains("not trained on conversations"));
    }

    @Test void aLowTemperatureMakesTheLikeliestTokenLikelier() {
        write();
        page.choose(9);
        double before = page.bars().values().stream().mapToDouble(Number::doubleValue).max().orElseThrow();
        page.knob("temperature", 0.2);
        double after = page.bars().values().stream().mapToDouble(Number::doubleValue).max().orElseThrow();
        assertTrue(after > before + 0.05, after + " after " + before);
        double share = ((Number) browser.value("(([bar, fill]) => fill.getBoundingClientRect().width / bar.getBoundingClientRect().width)"
            + "(document.querySelectorAll('#bars .bar, #bars .bar span'))")).doubleValue();
        assertEquals(after, share, 0.02, "the longest bar is as long as it is likely");
    }

    @Test void whyTheSameWordGetsAnotherVector() {
        write();
        int word = page.endOf("at the man");
        page.choose(word).click("#tab-word");
        isDrawn("word");
        assertTrue(page.find("#panel-word label:nth-of-type(3) textarea").getDomProperty("value").endsWith("man"), "where else it stands");
        assertTrue(inView("word", "#summary").contains("by attention"));
        assertTrue(inView("word", "#paths").contains("second context"));
    }

    @Test void whatAHeadLooksAt() {
        write();
        page.choose(9).click("#tab-attention");
        isDrawn("attention");
        assertTrue(inView("attention", "#readout").contains("looks most at"));
    }

    @Test void howTheLossCurveRelatesToSamples() {
        page.click("#tab-checkpoints");
        seen("#panel-checkpoints .loss.validation");
        assertTrue(page.find("#panel-checkpoints figcaption").getText().contains("in nats per token; rings: where the validation"));
        seen("#panel-checkpoints li[data-step='0'][data-state='written']");
        page.click("#panel-checkpoints circle[data-step='5']");
        assertTrue(seen("#panel-checkpoints li[data-step='5'][data-state='written']").getText().contains("training loss"), "measured then");
    }

    @Test void whereTheParametersAre() {
        page.click("#tab-parameters");
        assertTrue(seen("#panel-parameters h2").getText().endsWith("parameters"));
        assertEquals(true, browser.value("[...document.querySelectorAll('#panel-parameters .places li')].every(row =>"
            + " row.querySelector('.share').getBoundingClientRect().top < row.querySelector('.name').getBoundingClientRect().bottom)"),
            "a share stands in its row");
        assertTrue(page.find("#panel-parameters .tally").getText().contains("32 × 16 × 4: 2 in each of 2 blocks"));
        assertEquals(5, page.all("#panel-parameters .places li").size(), "embedding, positions, two blocks, final norm");
    }
}
