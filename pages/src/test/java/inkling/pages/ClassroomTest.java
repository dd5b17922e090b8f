package inkling.pages;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.serve.TestServer;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.WebElement;

/** The five things of docs/views.md that a teacher shows a class, each from the start page, by what can be seen and chosen there. */
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

    @Test void temperature() {
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
        assertTrue(page.find("#panel-word .sum").getText().contains("that attention brought"));
        assertTrue(inView("word", "#paths").contains("second context"));
        assertTrue(Double.parseDouble(inView("word", "#rows tr:last-child td:nth-child(3)"))
            > Double.parseDouble(inView("word", "#rows tr:first-child td:nth-child(3)")), "the vectors part");
    }

    @Test void whatAHeadLooksAt() {
        write();
        page.choose(9).click("#tab-attention");
        isDrawn("attention");
        assertTrue(inView("attention", "#readout").contains("looks most at"));
    }

    @Test void howTheLossCurveRelatesToSamples() {
        write();
        page.choose(6).click("#tab-checkpoints");
        seen("#panel-checkpoints .loss.validation");
        seen("#panel-checkpoints li[data-step='0'][data-state='written']");
        page.click("#panel-checkpoints circle[data-step='5']");
        assertTrue(seen("#panel-checkpoints li[data-step='5'][data-state='written']").getText().contains("loss"));
    }

    @Test void whereTheParametersAre() {
        page.click("#tab-parameters");
        assertTrue(seen("#panel-parameters h2").getText().endsWith("parameters"));
        assertEquals(5, page.all("#panel-parameters .places li").size(), "embedding, positions, two blocks, final norm");
    }
}
