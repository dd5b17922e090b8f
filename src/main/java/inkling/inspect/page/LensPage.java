package inkling.inspect.page;

import inkling.inspect.LogitLens;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** A {@link LogitLens} as a page: a table, shaded by probability at first, and beside it the chosen cell's likeliest tokens. */
public final class LensPage {
    private LensPage() {}

    /** The page, as text; to be written in UTF-8. @param model the model's name, plain text */
    public static String html(String model, LogitLens lens) {
        return new HtmlPage("What each layer of the model " + model + " already knows",
            "Each row stops after one more layer and reads off which token would come next. The last row is the model's own prediction."
            + " The layers before it were never trained to be read off like this: their answers are hints.")
            .style(HtmlPage.resource("flow.css")).style(HtmlPage.resource("lens.css"))
            .body(HtmlPage.resource("lens.html")).data("lens", data(lens))
            .module("lens.js").script("drawLens(document, inkling.data('lens'));\n")
            .render();
    }

    /** The data that lens.js draws. */
    public static Map<String, Object> data(LogitLens lens) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("labels", lens.labels());
        data.put("names", lens.layers().stream().map(layer -> lens.name(layer.layer())).toList());
        data.put("mostBits", lens.layers().stream().flatMap(layer -> layer.positions().stream())
            .mapToDouble(LogitLens.Position::entropyBits)
            .max().orElse(1));
        data.put("layers", lens.layers().stream().map(layer -> cells(lens, layer)).toList());
        return data;
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
