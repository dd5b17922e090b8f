package inkling.cli.runs;

import inkling.cli.terminal.CommandEnvironment;
import inkling.errors.Printable;
import inkling.inspect.CharacterChart;
import inkling.inspect.RunHistory;
import inkling.inspect.RunHistory.Metric;
import inkling.inspect.page.RunComparisonPage;
import inkling.run.folder.RunSummary;
import inkling.runfile.ConfigDifference;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Several runs beside each other. In the terminal: a letter for each, their curves in one chart, the keys in which they differ. As a page:
 * their charts and these keys.
 */
public final class RunOverlay {
    private static final int CHART_LINES = 16;

    private RunOverlay() {}

    static List<ConfigDifference> differences(List<RunSummary> runs) {
        return ConfigDifference.among(runs.stream().map(RunSummary::config).toList());
    }

    /** The runs on a terminal: a table, a chart of the validation losses if there are any, and the keys that differ. */
    public static List<String> lines(List<RunSummary> runs) {
        List<String> lines = new ArrayList<>();
        List<String> table = RunTable.lines(runs);
        IntStream.range(0, table.size()).forEach(i -> lines.add((i == 0 ? " " : CharacterChart.letter(i - 1)) + "  " + table.get(i)));
        List<String> chart = CharacterChart.lines(runs.stream().map(run -> run.history().series(Metric.VAL_LOSS)).toList(),
            CommandEnvironment.width(), CHART_LINES);
        if (!chart.isEmpty()) {
            lines.addAll(List.of("", "validation loss, " + RunHistory.lossUnits(runs.stream().map(RunSummary::history).toList())));
            lines.addAll(chart);
        }
        lines.add("");
        List<ConfigDifference> differences = differences(runs);
        lines.add(differences.isEmpty() ? "Their run files say the same, apart from their names." : "What differs:");
        for (ConfigDifference difference : differences) {
            StringBuilder line = new StringBuilder("  " + difference.key());
            for (int i = 0; i < runs.size(); i++) {
                line.append("   ").append(CharacterChart.letter(i)).append(": ").append(Printable.escape(difference.values().get(i)));
            }
            lines.add(line.toString());
        }
        return lines;
    }

    /** The runs as a page. @param title of the page */
    public static String html(String title, List<RunSummary> runs) {
        return RunComparisonPage.html(title, runs.stream()
            .map(run -> new RunComparisonPage.Run(run.name(), run.state().toString(), run.history())).toList(), differences(runs));
    }
}
