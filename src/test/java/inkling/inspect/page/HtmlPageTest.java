package inkling.inspect.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.openqa.selenium.By;

@Tag("thorough")
class HtmlPageTest {
    private static final String HOSTILE = "</title></script><script>document.title='owned'</script><img src=x onerror=alert(1)>"
        + "\u0000\u001b[2J\u0085\u202e\uffff\ud800 \u2028 & \" ' 日本 👩 -->";

    private static HtmlPage hostilePage() {
        return new HtmlPage(HOSTILE, HOSTILE)
            .body("<p id=\"said\" title=\"" + HtmlPage.escape(HOSTILE) + "\">" + HtmlPage.escape(HOSTILE) + "</p>")
            .data("said", Map.of("text", HOSTILE)).script("document.getElementById('said').dataset.back = inkling.data('said').text;\n");
    }

    @Test void isValidAndSelfContained() throws Exception {
        String html = hostilePage().render();
        ValidHtml.check(html);
        ValidHtml.checkSelfContained(html);
    }

    @Test void tagsAndCodeThatFetchAreNoticedAndSoIsInvalidHtml() {
        assertThrows(AssertionError.class, () -> ValidHtml.checkSelfContained("<p><img alt='' src='a.png'></p>"));
        assertThrows(AssertionError.class, () -> ValidHtml.checkSelfContained("<link rel=stylesheet href=a.css>"));
        assertThrows(AssertionError.class, () -> ValidHtml.checkSelfContained("<style>a { background: url(x) }</style>"));
        assertThrows(AssertionError.class, () -> ValidHtml.check("<!DOCTYPE html><html lang=en><title>t</title><p><b>x</p>"));
    }

    @Test void embeddedDataComesBackExactly() throws Exception {
        String json = HtmlPage.json(List.of(HOSTILE, 1.5f));
        assertFalse(json.contains("<"), json);
        assertEquals(HOSTILE, new ObjectMapper().readTree(json).get(0).textValue());
    }

    /** Live pages import the same scripts; a page of one file holds them one after the other. */
    @Test void eachModuleStandsOnceAndBehindItsImports() {
        String html = new HtmlPage("a", "b").module("attention.js").module("lens.js").module("attention.js").render();
        assertTrue(html.indexOf("const flow = ") < html.indexOf("function drawAttention(") && html.indexOf("const inkling = ") > 0);
        for (String once : List.of("const flow = ", "function drawAttention(", "function drawLens(")) {
            assertEquals(html.indexOf(once), html.lastIndexOf(once), once);
        }
        assertFalse(html.matches("(?s).*\n(import|export) .*"), "import and export are not allowed outside modules");
    }

    @Test void refusesWhatWouldBreakThePage() {
        HtmlPage page = new HtmlPage("t", "").data("a", 1);
        assertThrows(IllegalArgumentException.class, () -> page.data("a", 2));
        assertThrows(IllegalArgumentException.class, () -> page.data("A b", 2));
        assertThrows(IllegalArgumentException.class, () -> page.script("'</script>'"));
        assertTrue(Pattern.compile("no resource").matcher(
            assertThrows(IllegalArgumentException.class, () -> HtmlPage.resource("none.css")).getMessage()).find());
    }

    @Nested
    @Tag("browser")
    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    class InARealBrowser {
        private Browser browser;

        @BeforeAll void open() throws Exception {
            browser = Browser.open(1000, 700);
        }

        @AfterAll void close() throws Exception {
            if (browser != null) {
                browser.close();
            }
        }

        @Test void hostileTextStaysText() throws Exception {
            browser.show(hostilePage().render());
            assertTrue(browser.driver().getTitle().startsWith("</title></script>"), browser.driver().getTitle());
            assertEquals(0, browser.driver().findElements(By.tagName("img")).size());
            String text = browser.driver().findElement(By.id("said")).getText();
            assertTrue(text.contains("<script>document.title='owned'</script>") && text.contains("\\x1b[2J"), text);
            assertEquals(List.of(), browser.errors());
        }

        @Test void aScriptThatWasSmuggledInDoesNotRun() throws Exception {
            browser.show(new HtmlPage("Safe", "").body("<p>x</p><script>document.title = 'owned';</script>").render());
            assertEquals("Safe", browser.driver().getTitle());
        }

        @Test void theThemeButtonGoesRound() throws Exception {
            browser.show(new HtmlPage("Theme", "Light and dark.").render());
            var button = browser.driver().findElement(By.id("theme"));
            String auto = browser.background();
            button.click();
            String light = browser.background();
            button.click();
            assertEquals("Theme: dark", button.getText());
            assertFalse(light.equals(browser.background()));
            button.click();
            assertEquals(auto, browser.background());
        }
    }
}
