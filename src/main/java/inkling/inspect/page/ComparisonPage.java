package inkling.inspect.page;

import inkling.inspect.Comparison;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A {@link Comparison} as a page: the two distributions as bars to the left and right of the tokens. */
public final class ComparisonPage {
    private static final String BODY = """
        <div class="texts">
        <section><h2>Without</h2><p>%s</p></section>
        <section><h2>With</h2><p><span class="added">%s</span>%s</p></section>
        </div>
        <p class="shift">%s bits</p>
        <p class="note">That is how far the text in front moves the prediction. A bit is the answer to one yes-or-no question: to find the
         next token, whoever knows the text in front needs that many fewer questions on average. At 0 bits, the text in front would change
         nothing. (The
         number is called the KL divergence of the distribution with the text from the one without. Both are at temperature 1, nothing
         removed.)</p>
        <div class="tools screen-only"><fieldset class="switch"><legend>Order</legend>
        <label><input type="radio" name="order" value="change" checked> largest changes first</label>
        <label><input type="radio" name="order" value="without"> likeliest without</label>
        <label><input type="radio" name="order" value="with"> likeliest with</label></fieldset></div>
        <table class="two"><caption class="hidden-label">Probability of each next token without and with the text in front</caption>
        <thead><tr><th scope="col">without</th><th scope="col" class="name">next token</th><th scope="col">with</th>
        <th scope="col" class="change">change</th></tr></thead><tbody id="rows"></tbody></table>""";

    private ComparisonPage() {}

    /**
     * The page, as text; to be written in UTF-8.
     *
     * @param model the model's name, plain text
     * @param prompt plain text
     * @param preamble the text in front of the prompt, plain text
     */
    public static String html(String model, String prompt, String preamble, Comparison comparison) {
        List<Map<String, Object>> rows = comparison.listed().values().stream()
            .map(mover -> row(mover.label(), mover.without(), mover.with())).toList();
        return new HtmlPage("What a text in front changes: the model " + model,
            "The same prompt twice, alone and after another text: the likeliest next"
            + " tokens and how far each one moved.")
            .style(HtmlPage.resource("flow.css")).style(HtmlPage.resource("comparison.css"))
            .body(BODY.formatted(HtmlPage.escape(prompt), HtmlPage.escape(preamble), HtmlPage.escape(prompt),
                String.format(Locale.ROOT, "%.3f", comparison.klBits())))
            .data("comparison", Map.of("rows", rows))
            .module("comparison.js")
            .render();
    }

    private static Map<String, Object> row(String label, double without, double with) {
        return Map.of("label", label, "without", LensPage.rounded(without), "with", LensPage.rounded(with));
    }
}
