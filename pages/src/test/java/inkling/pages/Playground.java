package inkling.pages;

import static org.junit.jupiter.api.Assertions.assertFalse;

import inkling.inspect.page.Browser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.openqa.selenium.By;
import org.openqa.selenium.JavascriptExecutor;
import org.openqa.selenium.Keys;
import org.openqa.selenium.StaleElementReferenceException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.interactions.Actions;
import org.openqa.selenium.support.ui.Select;
import org.openqa.selenium.support.ui.WebDriverWait;

/** The playground in a browser, as a user uses it. */
final class Playground {
    private static final Duration PATIENCE = Duration.ofSeconds(120);

    final Browser browser;

    Playground(Browser browser) {
        this.browser = browser;
    }

    /** Opens the page anew, without the state that an earlier page left in its address. */
    Playground open(URI page) {
        browser.driver().get("about:blank");
        browser.open(page);
        return this;
    }

    Playground ready() {
        until("the server answers", () -> find("#playground").getDomAttribute("data-state").equals("ready"));
        return this;
    }

    /** Chooses a model by the name of its directory, and waits until the page shows this model. */
    Playground use(Path model) {
        String name = model.getFileName().toString();
        new Select(find("#model")).selectByValue(name);
        until("the model is there", () -> browser.driver().getTitle().startsWith(name));
        return this;
    }

    WebElement find(String css) {
        return browser.driver().findElement(By.cssSelector(css));
    }

    List<WebElement> all(String css) {
        return browser.driver().findElements(By.cssSelector(css));
    }

    boolean isThere(String css) {
        return all(css).stream().anyMatch(WebElement::isDisplayed);
    }

    void until(String what, BooleanSupplier holds) {
        new WebDriverWait(browser.driver(), PATIENCE).withMessage(what).ignoring(StaleElementReferenceException.class)
            .until(driver -> holds.getAsBoolean());
    }

    /** Types a text into a field, in place of the text that it has. */
    Playground type(String css, String text) {
        WebElement field = find(css);
        field.sendKeys(Keys.chord(Keys.CONTROL, "a"), Keys.DELETE);
        field.sendKeys(text);
        return this;
    }

    Playground press(CharSequence... keys) {
        new Actions(browser.driver()).sendKeys(keys).perform();
        return this;
    }

    /** Presses the last key while the others are held. */
    Playground chord(Keys... keys) {
        Actions actions = new Actions(browser.driver());
        List<Keys> held = List.of(keys).subList(0, keys.length - 1);
        held.forEach(actions::keyDown);
        actions.sendKeys(keys[keys.length - 1]);
        held.forEach(actions::keyUp);
        actions.perform();
        return this;
    }

    /** Moves the mouse over an element. */
    Playground pointAt(String css) {
        new Actions(browser.driver()).moveToElement(find(css)).perform();
        return this;
    }

    /** Clicks on a button or another element. If the page puts another in its place before the click, clicks on that one. */
    Playground click(String css) {
        until("a click on " + css, () -> {
            WebElement element = find(css);
            ((JavascriptExecutor) browser.driver()).executeScript("arguments[0].scrollIntoView({block: 'center'})", element);
            element.click();
            return true;
        });
        return this;
    }

    /** Marks all elements that {@code css} finds now, for {@link #stays}. */
    Playground mark(String css) {
        browser.driver().executeScript("document.querySelectorAll(arguments[0]).forEach(e => { e.marked = true; })", css);
        return this;
    }

    /** Whether all elements that {@code css} finds, at least one, are marked. Then none was replaced, and no click on one was lost. */
    boolean stays(String css) {
        return (Boolean) browser.driver().executeScript("const all = [...document.querySelectorAll(arguments[0])];"
            + "return all.length > 0 && all.every(e => e.marked)", css);
    }

    /** In the list {@code css}, chooses the first option whose text contains {@code name}. */
    Playground choose(String css, String name) {
        new Select(find(css)).getOptions().stream().filter(option -> option.getText().contains(name)).findFirst().orElseThrow().click();
        return this;
    }

    /** Presses Tab until an element that {@code css} matches has the focus. */
    Playground tabTo(String css) {
        for (int i = 0; i < 100; i++) {
            if ((Boolean) browser.value("document.activeElement.matches(\"" + css + "\")")) {
                return this;
            }
            press(Keys.TAB);
        }
        throw new AssertionError("Tab never comes to " + css);
    }

    /** Sets a knob, as moving its slider does. */
    Playground knob(String name, double value) {
        browser.driver().executeScript("const e = document.getElementById('knob-' + arguments[0]); e.value = arguments[1];"
            + "e.dispatchEvent(new Event('input', {bubbles: true}))", name, value);
        return this;
    }

    /** Asks the model to go on with a text, and waits for the end. */
    Playground write(String prompt, int tokens, long seed) {
        return type("#prompt", prompt).type("#max-tokens", "" + tokens).type("#seed", "" + seed).click("#write").written();
    }

    Playground written() {
        until("the text is written", () -> state().equals("done"));
        until("its distribution is shown", () -> find(".bars").getDomAttribute("data-state").equals("shown"));
        return this;
    }

    /**
     * How many files and answers the page has got, except those that may come at any time: it looks for the server and for new checkpoints
     * every few seconds, and the first tab, attention, follows the chosen token after a pause.
     */
    long answers() {
        return ((Number) browser.value("performance.getEntriesByType('resource').filter(({name}) => !/\\/(v1\\/models|props|"
            + "inkling\\/v1\\/(checkpoints|attention))(\\?|$)/.test(name)).length")).longValue();
    }

    String state() {
        String state = find(".tokens").getDomAttribute("data-state");
        return state == null ? "" : state;
    }

    /** The ids of the text's tokens. */
    List<Integer> ids() {
        return ((List<?>) browser.value("[...document.querySelectorAll('.tokens [data-id]')].map(e => Number(e.dataset.id))")).stream()
            .map(id -> ((Number) id).intValue()).toList();
    }

    /** The position of the first token such that the text up to it ends with {@code words}. */
    int endOf(String words) {
        return ((Number) browser.value("(all => { let text = ''; return all.findIndex(e => (text += [...e.childNodes]"
            + ".filter(n => n.nodeType === 3).map(n => n.data).join('')).endsWith('" + words + "')); })"
            + "([...document.querySelectorAll('.tokens [data-position]')])")).intValue();
    }

    /** The text that is shown, without marks such as those for line breaks. */
    String text() {
        return (String) browser.value("[...document.querySelectorAll('.tokens [data-position]')].map(e => [...e.childNodes]"
            + ".filter(n => n.nodeType === 3).map(n => n.data).join('')).join('')");
    }

    /** Chooses a token of the text, and waits for its distribution. */
    Playground choose(int position) {
        click(".tokens [data-position='" + position + "']");
        until("its distribution is shown", () -> find(".bars").getDomAttribute("data-state").equals("shown"));
        return this;
    }

    /** The probability of each token that has a bar, by the token's id; 0 for a token that was cut. */
    @SuppressWarnings("unchecked")
    Map<String, Number> bars() {
        return (Map<String, Number>) browser.value("Object.fromEntries([...document.querySelectorAll('#bars li[data-id]')]"
            + ".map(li => [li.dataset.id, Number(li.dataset.p)]))");
    }

    /** Checks that nothing sticks out sideways, on a desktop and a phone, light and dark. Makes pictures for people to look at. */
    Playground fits(String name) {
        for (int width : new int[] {390, 1280}) {
            browser.resize(width, width == 390 ? 844 : 900);
            for (boolean dark : new boolean[] {true, false}) {
                browser.dark(dark);
                until("drawn as wide as the window", () -> (Boolean) browser.value("[...document.querySelectorAll('.plot')]"
                    + ".every(p => !p.clientWidth || p.querySelector('.uplot')?.clientWidth === p.clientWidth)"));
                assertFalse(browser.scrollsSideways(), name + " at " + width);
                picture("%s-%d-%s".formatted(name, width, dark ? "dark" : "light"));
            }
        }
        return this;
    }

    /** Makes a picture of the whole page, for people to look at. */
    Playground picture(String name) {
        Object png = browser.driver().executeCdpCommand("Page.captureScreenshot", Map.of("captureBeyondViewport", true, "clip",
            Map.of("x", 0, "y", 0, "scale", 1, "width", browser.value("document.documentElement.clientWidth"), "height",
                browser.value("document.documentElement.scrollHeight")))).get("data");
        try {
            Files.write(Files.createDirectories(Path.of("pages/target/pictures")).resolve(name + ".png"),
                Base64.getDecoder().decode((String) png));
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
