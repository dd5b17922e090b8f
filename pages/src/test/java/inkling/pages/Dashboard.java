package inkling.pages;

import inkling.inspect.page.Browser;
import java.net.URI;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.openqa.selenium.Dimension;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.interactions.Actions;

/** The dashboard in a browser, as a user uses it. */
final class Dashboard {
    /** Numbers of the lines in the chart of losses, for {@link #drawn}. */
    static final int TRAIN = 3;
    static final int SMOOTHED = 4;
    static final int VALIDATION = 5;

    final Playground page;
    private final Browser browser;

    Dashboard(Browser browser) {
        this.browser = browser;
        this.page = new Playground(browser);
    }

    /** Opens a page of the dashboard, and waits until it shows something. */
    Dashboard open(URI address) {
        page.open(address);
        return ready();
    }

    Dashboard ready() {
        page.until("the page is ready", () -> "ready".equals(page.find("#runs").getDomAttribute("data-state")));
        return this;
    }

    /** Waits until the page has the rows up to a step. */
    Dashboard upTo(long step) {
        page.until("the rows up to " + step, () -> Long.toString(step).equals(page.find("#runs").getDomAttribute("data-after")));
        return this;
    }

    String text(String css) {
        return page.find(css).getText();
    }

    /** The points that a chart draws of one of its lines: the value at each step. */
    @SuppressWarnings("unchecked")
    SortedMap<Long, Double> drawn(String chart, int line) {
        List<List<Number>> points = (List<List<Number>>) browser.value(("(([steps, ...lines]) => steps.map((s, i) => [s, lines[%d][i]])"
            + ".filter(p => p[1] != null))(document.getElementById('%s').chart.drawn())").formatted(line - 1, chart));
        SortedMap<Long, Double> values = new TreeMap<>();
        points.forEach(point -> values.put(point.get(0).longValue(), point.get(1).doubleValue()));
        return values;
    }

    /** Clicks on the chart of losses. @param share of its width, from the left, in [0, 1] */
    void clickAt(double share) {
        WebElement over = page.find("#chart-loss .u-over");
        browser.driver().executeScript("arguments[0].scrollIntoView({block: 'center'})", over);
        Dimension size = over.getSize();
        new Actions(browser.driver()).moveToElement(over, (int) ((share - 0.5) * size.width), 0).click().perform();
    }

    /** Drags across the chart of losses, between two shares of its width. */
    void drag(double from, double to) {
        WebElement over = page.find("#chart-loss .u-over");
        browser.driver().executeScript("arguments[0].scrollIntoView({block: 'center'})", over);
        int width = over.getSize().width;
        new Actions(browser.driver()).moveToElement(over, (int) ((from - 0.5) * width), 10).clickAndHold()
            .moveByOffset((int) ((to - from) * width), 0).release().perform();
    }
}
