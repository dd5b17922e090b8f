package inkling.pages;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.Fixtures;
import inkling.serve.TestServer;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.Keys;

/** The bars beside the text, which show what a token could have been. Knobs and the mouse change them. */
class BarsTest extends PlaygroundTests {
    @Override TestServer serve() {
        return LearnedRun.serve(Fixtures.own("gpt2"));
    }

    /** A slider changes the bars without a request, and the page tells how many tokens top-k cuts. */
    @Test void slidersChangeTheBarsWithoutARequest() {
        page.write("The old man", 8, 3).choose(6);
        long answers = page.answers();
        Map<String, Number> before = page.bars();
        page.knob("temperature", 1.5).knob("top_k", 3);
        assertNotEquals(before, page.bars());
        assertTrue(page.all("#bars .cut").stream().anyMatch(cut -> cut.getText().contains("top-k 3 cut 317 tokens")));
        assertEquals(3, page.all("#bars li[data-id]:not(.removed)").size());
        assertTrue(page.isThere("#strip .taken"));
        assertTrue(page.find("#view").getText().contains("this token was not drawn from these probabilities"));
        assertEquals(answers, page.answers());
        page.click("#as-drawn");
        assertEquals(before, page.bars());
        page.knob("temperature", 0);
        assertEquals(1, page.all("#bars li[data-id]:not(.removed)").size());
    }

    /**
     * The length of a bar is the probability of its token, on the same scale for all settings of the knobs. The surprise in bits is that of
     * the probability without the knobs, which stands beside it.
     */
    @Test void aKnobChangesTheBarsNotTheirScaleNorTheSurprise() {
        page.knob("temperature", 1).write("The old man", 8, 3).choose(6);
        String plain = page.find("#facts").getText();
        assertTrue(plain.startsWith("without the knobs "), plain);
        assertBarsAreOnAScaleOfAHundred();
        assertFalse(page.isThere("#bars .bar i"), "nothing is turned");
        Map<String, Number> before = page.bars();
        page.knob("temperature", 0.4);
        assertBarsAreOnAScaleOfAHundred();
        before.forEach((id, p) -> page.all("#bars li[data-id='" + id + "'] .bar i").forEach(tick -> assertEquals(p.doubleValue(),
            ((Number) browser.driver().executeScript("return parseFloat(arguments[0].style.left) / 100", tick)).doubleValue(), 1e-6)));
        String turned = page.find("#facts").getText();
        Matcher said = Pattern.compile("without the knobs ([0-9.]+) %, ([0-9.]+) bits .* with the knobs ([^%]+) %.*").matcher(turned);
        assertTrue(said.matches(), turned);
        assertEquals(-Math.log(Double.parseDouble(said.group(1)) / 100) / Math.log(2), Double.parseDouble(said.group(2)), 0.06);
        assertTrue(plain.startsWith(turned.substring(0, turned.indexOf(" bits"))), plain + " is not " + turned);
        String now = page.find("#bars .drawn button").getDomAttribute("aria-label");
        assertTrue(now.contains(", " + said.group(3) + " %"), now + ": " + turned);
        assertTrue(page.find("#whole").getText().startsWith("The strip shows all of the probability"));
    }

    private void assertBarsAreOnAScaleOfAHundred() {
        assertEquals(List.of(), browser.value("[...document.querySelectorAll('#bars li[data-id]:not(.removed)')].filter(li => {"
            + " const [bar, fill] = li.querySelectorAll('.bar, .bar span'); const width = bar.getBoundingClientRect().width;"
            + " return Math.abs(fill.getBoundingClientRect().width - Math.max(1, li.dataset.p * width)) > 0.5; })"
            + ".map(li => li.textContent)"));
    }

    /**
     * The strip has a part for each token that has a bar and is not cut. The chosen token has a bar even if it is unlikely, and its part of
     * the strip is marked.
     */
    @Test void theStripMarksTheChosenTokenHoweverUnlikely() {
        page.write("The old man", 8, 3).choose(6).click("#more").click("#bars li:nth-child(30) button").written().click("#more");
        Number bar = page.bars().get(page.find("#bars .drawn").getDomAttribute("data-id"));
        assertEquals(13, page.bars().size(), "the 12 likeliest, and the chosen one");
        assertEquals(12, page.all("#strip .token").size());
        assertEquals(bar.doubleValue(), part(".drawn"), 1e-9);
        double others = Double.parseDouble(page.find("#bars .others .figure").getText().replace(" %", "")) / 100;
        assertEquals(others, part(".others"), 6e-4);
    }

    /** Top-k leaves fewer tokens than the short list shows, but it cuts more than the short list shows. */
    @Test void theTokensThatWereCutCanBeUnfolded() {
        page.knob("top_k", 5).write("The old man", 8, 3).choose(6);
        int folded = page.all("#bars li").size();
        page.click("#more");
        assertTrue(page.all("#bars li").size() > folded);
        page.click("#more");
        assertEquals(folded, page.all("#bars li").size());
    }

    /** The probability that a part of the strip stands for. */
    private double part(String css) {
        return Double.parseDouble((String) browser.value("document.querySelector('#strip " + css + "').style.flexGrow"));
    }

    /** Pointing at a token shows its bars, but does not choose it. Arrow keys choose a token, and show the same bars. */
    @Test void pointingAtATokenShowsItsBars() {
        page.write("The old man", 8, 3).choose(3);
        Map<String, Number> chosen = page.bars();
        page.pointAt(".tokens [data-position='6']");
        page.until("its bars are shown", () -> page.find("#chosen").getText().startsWith("7 of") && !page.bars().equals(chosen));
        Map<String, Number> pointed = page.bars();
        assertEquals("3", page.find(".tokens [aria-selected='true']").getDomAttribute("data-position"));
        page.pointAt("#prompt");
        page.until("those of the chosen one are back",
            () -> page.find("#chosen").getText().startsWith("4 of") && page.bars().equals(chosen));
        page.press(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT, Keys.ARROW_RIGHT);
        page.until("the keyboard shows the same", () -> page.find("#chosen").getText().startsWith("7 of") && page.bars().equals(pointed));
        assertEquals("6", page.find(".tokens [aria-selected='true']").getDomAttribute("data-position"));
    }
}
