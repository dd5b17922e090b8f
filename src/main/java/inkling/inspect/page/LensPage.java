package inkling.inspect.page;

import inkling.inspect.LogitLens;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** A {@link LogitLens} as a page: a table shaded by probability, with all predictions of the chosen cell. */
public final class LensPage {
    private static final String BODY = """
        <div class="tools">
        <fieldset class="switch screen-only"><legend class="hidden-label">What a strong shade means</legend>
        <label><input type="radio" name="shade" value="probability" checked> Strong where likely</label>
        <label><input type="radio" name="shade" value="certainty"> where certain</label>
        <label><input type="radio" name="shade" value="agreement"> where near the final answer</label></fieldset>
        <span class="note">Underlined: what does come next. Arrow keys move from cell to cell.</span>
        </div>
        <div class="lens">
        <div class="scroll"><table id="grid"><caption class="hidden-label">The likeliest next token after each token of the prompt, one a
         column,
         as read off after each layer, one a row</caption></table></div>
        <section class="panel" aria-label="The cell chosen">
        <h2 id="place">A layer and a token</h2>
        <p id="facts" class="note" aria-live="polite"></p>
        <ol id="bars" class="bars"></ol>
        <p id="rise-title" class="note">bits away from the final answer, after each block (0: the embedding)</p>
        <svg id="rise" viewBox="0 0 280 108" aria-hidden="true"></svg>
        </section>
        </div>""";

    private LensPage() {}

    /** The page, UTF-8. @param model its name, plain text */
    public static String html(String model, LogitLens lens) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("labels", lens.labels());
        data.put("names", lens.layers().stream().map(layer -> lens.name(layer.layer())).toList());
        data.put("mostBits", lens.layers().stream().flatMap(layer -> layer.positions().stream())
            .mapToDouble(LogitLens.Position::entropyBits)
            .max().orElse(1));
        data.put("layers", lens.layers().stream().map(layer -> cells(lens, layer)).toList());
        return new HtmlPage("What each layer of " + model + " already knows",
            "Read off after every layer as if it were the last: the next token"
            + " that the vectors so far point to. Early layers were never trained to be read, so their answers are hints, not predictions;"
            + " the last row is the model's own.")
            .style(HtmlPage.resource("flow.css")).style(HtmlPage.resource("lens.css"))
            .body(BODY).data("lens", data)
            .script(HtmlPage.resource("flow.js")).script(HtmlPage.resource("lens.js"))
            .render();
    }

    private static List<Map<String, Object>> cells(LogitLens lens, LogitLens.Layer layer) {
        return IntStream.range(0, layer.positions().size()).mapToObj(t -> {
            LogitLens.Position position = layer.positions().get(t);
            String next = t + 1 < lens.tokens().size() ? lens.tokens().get(t + 1) : "";
            List<List<Object>> top = new ArrayList<>();
            position.top().forEach(guess -> top.add(List.of(guess.label(), rounded(guess.probability()), guess.token().equals(next) ? 1
                : 0)));
            Map<String, Object> cell = new LinkedHashMap<>();
            cell.put("top", top);
            cell.put("bits", rounded(position.entropyBits()));
            cell.put("kl", rounded(position.klBits()));
            cell.put("actual", Double.isNaN(position.actual()) ? null : rounded(position.actual()));
            return cell;
        }).toList();
    }

    /** Six significant digits: finer than the page can show. */
    static double rounded(double value) {
        return new BigDecimal(value).round(new MathContext(6)).doubleValue();
    }
}
