package inkling.inspect.page;

import inkling.errors.Printable;
import inkling.inspect.ContextCurve;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** A {@link ContextCurve} as a page. */
public final class ContextPage {
    private static final String BODY = """
        %s
        <dl class="figures"><div><dt>loss after %s</dt><dd class="number">%s nats</dd></div>
        <div><dt>loss after %s</dt><dd class="number">%s nats</dd></div>
        <div><dt>gained by the longer context</dt><dd class="number">%s nats</dd></div></dl>
        <p class="note">The loss tells how unsure the model was of the token that did come next. A loss of %s nats is that of a choice among
         %s equally likely tokens, %s nats that of a choice among %s.</p>
        <div class="tools"><fieldset class="switch screen-only"><legend>Axis of tokens</legend>
        <label><input type="radio" name="axis" value="log" checked> logarithmic</label>
        <label><input type="radio" name="axis" value="linear"> linear</label></fieldset>
        <span class="keys"><span class="key strong">average over similar numbers of tokens</span> %s
         <span class="key">each number of tokens by itself</span></span></div>
        %s
        <p id="readout" class="note" aria-live="polite"></p>
        <svg id="curve" tabindex="0" role="img" aria-label="Loss against tokens seen: %s" viewBox="0 0 800 400"></svg>""";
    private static final String BAND_KEY = "<span class=\"key wide\">how far chance may have moved the average</span>";
    private static final String BAND = "<p class=\"note\">The band reaches two standard errors above and below the curve: in about 19 of"
        + " 20 cases, the average over the whole text lies inside it.</p>";

    private ContextPage() {}

    /**
     * The page, as text; to be written in UTF-8.
     *
     * @param model the model's name, plain text
     * @param text the name of the text that was read, plain text
     * @param warning shown before the figures, plain text
     */
    public static String html(String model, String text, ContextCurve curve, Optional<String> warning) {
        List<ContextCurve.Range> ranges = curve.ranges();
        ContextCurve.Range first = ranges.get(0);
        ContextCurve.Range last = ranges.get(ranges.size() - 1);
        boolean hasBand = curve.windows() > 1;   // with one, nothing tells how far windows differ
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("loss", Arrays.stream(curve.loss()).map(LensPage::rounded).toArray());
        data.put("smooth", Arrays.stream(curve.smooth()).map(LensPage::rounded).toArray());
        data.put("smoothError", Arrays.stream(curve.smoothError()).mapToObj(e -> Double.isNaN(e) ? null : LensPage.rounded(e)).toList());
        String summary = String.format(Locale.ROOT, "%.3f nats after 1 token, %.3f after %s", first.loss(), last.loss(), tokens(last));
        return new HtmlPage("What more context brings: the model " + model, String.format(Locale.ROOT,
            "How well the model predicts a token of %s, by the number of tokens that it read before that token: an average over %s"
            + " of the text, of %,d tokens each.", text, Printable.counted(curve.windows(), "piece"), curve.length()))
            .style(HtmlPage.resource("flow.css")).style(HtmlPage.resource("context.css"))
            .body(BODY.formatted(warning.map(w -> "<p class=\"warning\">" + HtmlPage.escape(w) + "</p>").orElse(""),
                tokens(first), nats(first.loss()), tokens(last), nats(last.loss()), nats(first.loss() - last.loss()),
                nats(first.loss()), choices(first.loss()), nats(last.loss()), choices(last.loss()),
                hasBand ? BAND_KEY : "", hasBand ? BAND : "", summary))
            .data("context", data)
            .module("flow.js").module("context.js")
            .render();
    }

    private static String tokens(ContextCurve.Range range) {
        return range.to() == 1 ? "1 token" : range.from() == range.to() ? range.from() + " tokens" : range.from() + " to " + range.to()
            + " tokens";
    }

    /** The number of equally likely tokens among which a choice has this loss: e to the power of the loss. */
    private static String choices(double loss) {
        return String.format(Locale.ROOT, "%,.1f", Math.exp(loss));
    }

    private static String nats(double value) {
        return HtmlPage.number("%.3f", value);
    }
}
