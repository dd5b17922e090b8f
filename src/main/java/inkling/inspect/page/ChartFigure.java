package inkling.inspect.page;

/**
 * An {@link SvgChart} with its title, the names of its lines if it has several, and room for the values under the pointer, which chart.js
 * writes there.
 */
final class ChartFigure {
    /** Explains the charts and figures of a training run to a reader who sees such charts for the first time. */
    static final String WORDS = """
        <p class="note words">Loss: how unsure the model is of the next token; at 0 it would be certain. A new model guesses among all
         tokens alike: with 1,024 tokens its loss is ln 1,024 = 6.93. Perplexity: the same as a number of equally likely tokens to choose
         among, e<sup>loss</sup>. Train: on the text that it learns from; validation: on text that is kept from it. Learning
         rate: how large a step an update makes. Gradient norm: how steep the loss was at an update.</p>
        """;

    private ChartFigure() {}

    /** The chart with the id {@code loss} is as wide as the page, and drawn twice: for wide and narrow screens. Others are smaller. */
    static String html(SvgChart chart) {
        StringBuilder html = new StringBuilder();
        html.append("<figure class=\"chart\" id=\"%s\">\n<figcaption><span>%s</span>".formatted(chart.id(), chart.title()));
        if (chart.lines().size() > 1) {
            chart.lines().forEach(line -> html.append(" <span class=\"key %s\">%s</span>".formatted(line.stroke().css(),
                HtmlPage.escape(line.name()))));
        }
        if (chart.scales().size() > 1) {
            html.append(" <button type=\"button\" class=\"quiet switch-scale\" hidden></button>");
        }
        html.append("</figcaption>\n<p class=\"readout note\" aria-live=\"polite\"></p>\n");
        html.append(chart.id().equals("loss")
            ? "<div class=\"wide\">%s</div>\n<div class=\"narrow\">%s</div>\n".formatted(chart.svg(1100, 360), chart.svg(400, 280))
            : chart.svg(380, 210));
        return html.append("</figure>\n").toString();
    }
}
