package inkling.pages;

import inkling.inspect.page.Browser;
import java.util.List;
import org.openqa.selenium.WebElement;

/** The views of the model in the playground's tabs, as a user uses them. */
final class Panels {
    final Playground page;
    private final Browser browser;

    Panels(Playground page) {
        this.page = page;
        this.browser = page.browser;
    }

    /** Opens a tab, and waits until it shows its view. */
    Panels tab(String name) {
        page.click("#tab-" + name);
        shown(name);
        return this;
    }

    /** Waits until a tab shows its view. */
    void shown(String name) {
        page.until(name + " is shown", () -> switch (name) {
            case "learning" -> "shown".equals(attribute("#panel-learning", "data-state"));
            case "checkpoints" -> !page.all("#panel-checkpoints .rows li").isEmpty()
                && page.all("#panel-checkpoints .rows li[data-state='waiting']").isEmpty();
            default -> "shown".equals(attribute("#panel-" + name + " .panel-body", "data-state"));
        });
    }

    /** An attribute of the first element that {@code css} finds; "" if it finds none. */
    String attribute(String css, String name) {
        List<WebElement> found = page.all(css);
        return found.isEmpty() ? "" : String.valueOf(found.get(0).getDomAttribute(name));
    }

    /** The value of a JavaScript expression about a panel's view; {@code root} is the shadow root that holds the view. */
    Object within(String panel, String expression) {
        return browser.value("(root => " + expression + ")(document.querySelector('#panel-" + panel + " .view').shadowRoot)");
    }

    /** The ids of the text's tokens from the first to the one at {@code position}. */
    List<Integer> idsUpTo(int position) {
        return page.ids().subList(0, position + 1);
    }
}
