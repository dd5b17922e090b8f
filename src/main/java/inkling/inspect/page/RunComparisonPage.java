package inkling.inspect.page;

import inkling.inspect.RunHistory;
import inkling.inspect.RunHistory.Metric;
import inkling.inspect.RunHistory.Point;
import inkling.inspect.RunHistory.Series;
import inkling.inspect.page.SvgChart.Line;
import inkling.inspect.page.SvgChart.Scale;
import inkling.inspect.page.SvgChart.Stroke;
import inkling.perf.TallyTable;
import inkling.runfile.ConfigDifference;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/** Several training runs on one HTML page: their curves in common charts, and the differences of their run files. */
public final class RunComparisonPage {
    /**
     * One run.
     *
     * @param state in words, e.g. {@code finished}
     */
    public record Run(String name, String state, RunHistory history) {}

    private final List<Run> runs;
    private final StringBuilder body = new StringBuilder();

    private RunComparisonPage(List<Run> runs) {
        this.runs = runs;
    }

    /**
     * The page, as text; to be written in UTF-8.
     *
     * @param title the page's title
     * @param runs in the order of their curves
     * @param differences with a value for each of {@code runs}
     */
    public static String html(String title, List<Run> runs, List<ConfigDifference> differences) {
        RunComparisonPage comparison = new RunComparisonPage(runs);
        List<SvgChart> charts = comparison.charts();
        comparison.table();
        comparison.body.append("<div class=\"charts\">\n");
        charts.forEach(chart -> comparison.body.append(ChartFigure.html(chart)));
        comparison.body.append("</div>\n").append(charts.isEmpty() || runs.stream().anyMatch(run -> run.history().learnsPreferences()) ? ""
            : ChartFigure.WORDS);
        comparison.differences(differences);
        String lead = "%d runs compared: how their losses fell, and which settings differ.".formatted(runs.size());
        HtmlPage page = new HtmlPage(title, lead)
            .style(HtmlPage.resource("report.css")).body(comparison.body.toString());
        charts.forEach(chart -> page.data(chart.id(), chart.data()));
        return page.module("chart.js").render();
    }

    private List<SvgChart> charts() {
        return List.of(
            new SvgChart("loss", "Validation loss, " + RunHistory.lossUnits(runs.stream().map(Run::history).toList()),
                lines(Metric.VAL_LOSS), List.of(Scale.LINEAR, Scale.LOG)),
            new SvgChart("train", "Training loss", lines(Metric.TRAIN_LOSS), List.of(Scale.LINEAR, Scale.LOG)),
            new SvgChart("rate", "Learning rate", lines(Metric.LEARNING_RATE), List.of(Scale.FROM_ZERO, Scale.LOG)),
            new SvgChart("norm", "Gradient norm", lines(Metric.GRAD_NORM), List.of(Scale.LOG, Scale.LINEAR)))
            .stream().filter(chart -> !chart.isEmpty()).toList();
    }

    private List<Line> lines(Metric metric) {
        return IntStream.range(0, runs.size()).mapToObj(i -> {
            Series series = runs.get(i).history().series(metric);
            return new Line(runs.get(i).name(), Stroke.ofRun(i), series.steps(), series.values());
        }).toList();
    }

    private void table() {
        add("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Runs\"><table class=\"table runs\">%n<thead><tr>"
            + "<th scope=\"col\">run</th><th scope=\"col\">state</th><th scope=\"col\" class=\"number\">best validation loss</th>"
            + "<th scope=\"col\" class=\"number\">last</th><th scope=\"col\" class=\"number\">last training "
            + "loss</th></tr></thead>%n<tbody>%n");
        for (int i = 0; i < runs.size(); i++) {
            Run run = runs.get(i);
            add("<tr><th scope=\"row\"><span class=\"key %s\">%s</span></th><td>%s</td>%s%s%s</tr>%n", Stroke.ofRun(i).css(),
                HtmlPage.escape(run.name()), HtmlPage.escape(run.state()), cell(run.history().bestValidation()),
                cell(run.history().last(Metric.VAL_LOSS)), cell(run.history().last(Metric.TRAIN_LOSS)));
        }
        add("</tbody></table></div>%n");
    }

    private static String cell(Optional<Point> point) {
        return "<td class=\"number\">%s</td>".formatted(point
            .map(p -> HtmlPage.number("%.4f", p.value()) + " at " + TallyTable.grouped(p.step())).orElse("–"));
    }

    private void differences(List<ConfigDifference> differences) {
        if (differences.isEmpty()) {
            add("<h2>What differs</h2>%n<p class=\"note\">Nothing: their run files say the same, apart from their names.</p>%n");
            return;
        }
        add("<h2>What differs</h2>%n<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Keys that differ\">"
            + "<table class=\"table runs\">%n<thead><tr><th scope=\"col\">key</th>");
        runs.forEach(run -> add("<th scope=\"col\">%s</th>", HtmlPage.escape(run.name())));
        add("</tr></thead>%n<tbody>%n");
        for (ConfigDifference difference : differences) {
            add("<tr><th scope=\"row\">%s</th>", HtmlPage.escape(difference.key()));
            difference.values().forEach(value -> add("<td>%s</td>", HtmlPage.escape(value)));
            add("</tr>%n");
        }
        add("</tbody></table></div>%n");
    }

    private void add(String format, Object... args) {
        body.append(String.format(Locale.ROOT, format, args).replace("\r\n", "\n"));
    }
}
