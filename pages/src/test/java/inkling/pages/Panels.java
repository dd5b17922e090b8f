package inkling.pages;

import inkling.inspect.page.Browser;
import java.util.List;
import org.openqa.selenium.WebElement;

/** The views inside the model in the playground's tabs, as a user uses them. */
final class Panels {
    final Playground page;
    private final Browser browser;

    Panels(Playground page) {
        this.page = page;
        this.browser = page.browser;
    }

    /** Opens a tab, and waits until it shows what belongs to the token that is chosen. */
    Panels tab(String name) {
        page.click("#tab-" + name);
        shown(name);
        return this;
    }

    /** Waits until a tab shows what it was asked for. */
    void shown(String name) {
        page.until(name + " is shown", () -> switch (name) {
            case "learning" -> "shown".equals(attribute("#panel-learning", "data-state"));
            case "checkpoints" -> !page.all("#panel-checkpoints .rows li").isEmpty()
                && page.all("#panel-checkpoints .rows li[data-state='waiting']").isEmpty();
            default -> "shown".equals(attribute("#panel-" + name + " .panel-body", "data-state"));
        });
    }

    /** An attribute of the first that is found; empty where nothing is. */
    String attribute(String css, String name) {
        List<WebElement> found = page.all(css);
        return found.isEmpty() ? "" : String.valueOf(found.get(0).getDomAttribute(name));
    }

    /** What an expression gives inside the view of a written page, of which {@code root} is the beginning. */
    Object within(String panel, String expression) {
        return browser.value("(root => " + expression + ")(document.querySelector('#panel-" + panel + " .view').shadowRoot)");
    }

    /** The ids of the text's tokens from the first to the one at {@code position}. */
    List<Integer> idsUpTo(int position) {
        return page.ids().subList(0, position + 1);
    }
}
