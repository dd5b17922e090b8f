package inkling.inspect.page;

import inkling.inspect.page.SvgChart.Line;
import inkling.inspect.page.SvgChart.Scale;
import inkling.inspect.page.SvgChart.Stroke;
import inkling.perf.TallyTable;
import inkling.tasks.TaskLog;
import inkling.tasks.TaskResult;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/** The results of a run's checkpoints in tasks: curves if several checkpoints were measured, and a table of all figures. */
final class TaskTable {
    private static final String PERPLEXITY = "perplexity";
    private static final int MOST_LINES = 8;

    private final List<TaskLog.Row> rows;
    private final List<TaskResult> results;

    TaskTable(List<TaskLog.Row> rows) {
        this.rows = rows;
        this.results = rows.stream().map(TaskLog.Row::result).toList();
    }

    /** The shares of right answers over the updates, in at most 8 lines. A task measured at only one checkpoint has no line. */
    SvgChart chart() {
        Map<String, List<TaskLog.Row>> curves = new LinkedHashMap<>();
        rows.stream().filter(row -> !row.result().metric().equals(PERPLEXITY))
            .forEach(row -> curves.computeIfAbsent(row.result().nameAmong(results) + " " + row.result().metric(), name -> new ArrayList<>())
                .add(row));
        List<Line> lines = new ArrayList<>();
        curves.forEach((name, points) -> {
            if (points.stream().mapToLong(TaskLog.Row::step).distinct().count() > 1 && lines.size() < MOST_LINES) {
                lines.add(new Line(name, Stroke.ofRun(lines.size()), points.stream().mapToDouble(TaskLog.Row::step).toArray(),
                    points.stream().mapToDouble(row -> row.result().value()).toArray()));
            }
        });
        return new SvgChart("tasks", "Right answers, share", lines, List.of(Scale.LINEAR, Scale.FROM_ZERO));
    }

    /** The table with its heading; "" if nothing was measured. */
    String html() {
        if (rows.isEmpty()) {
            return "";
        }
        StringBuilder html = new StringBuilder("<h2>Tasks</h2>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Tasks\">"
            + "<table class=\"table\">\n<thead><tr><th scope=\"col\">task</th><th scope=\"col\">figure</th><th scope=\"col\" "
            + "class=\"number\">step</th>"
            + "<th scope=\"col\" class=\"number\">value</th><th scope=\"col\" class=\"number\">standard error</th>"
            + "<th scope=\"col\" class=\"number\">guessing</th><th scope=\"col\" class=\"number\">items</th></tr></thead>\n<tbody>\n");
        for (TaskLog.Row row : rows) {
            TaskResult result = row.result();
            boolean share = !result.metric().equals(PERPLEXITY);
            html.append(("<tr><th scope=\"row\">%s</th><td>%s</td><td class=\"number\">%s</td>%s%s%s<td "
                + "class=\"number\">%s</td></tr>\n").formatted(
                HtmlPage.escape(result.nameAmong(results)), HtmlPage.escape(result.metric()), TallyTable.grouped(row.step()),
                cell(OptionalDouble.of(result.value()), share), cell(result.stderr(), share), cell(result.chance(), share),
                TallyTable.grouped(result.items())));
        }
        return html.append("</tbody></table></div>\n").toString();
    }

    private static String cell(OptionalDouble value, boolean share) {
        return "<td class=\"number\">%s</td>".formatted(value.isEmpty() ? "–"
            : HtmlPage.number(share ? "%.2f %%" : "%.2f", value.getAsDouble() * (share ? 100 : 1)));
    }
}
