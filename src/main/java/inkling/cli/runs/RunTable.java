package inkling.cli.runs;

import inkling.cli.terminal.Amounts;
import inkling.errors.Printable;
import inkling.inspect.RunHistory.Point;
import inkling.run.folder.RunSummary;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/** Runs as lines of a table, each column as wide as its widest cell. */
final class RunTable {
    private static final List<String> HEAD = List.of("run", "state", "steps", "last val loss", "best val loss", "time", "size", "from");

    private RunTable() {}

    static List<String> lines(List<RunSummary> runs) {
        List<List<String>> rows = new ArrayList<>(List.of(HEAD));
        runs.forEach(run -> rows.add(row(run)));
        int[] widths = IntStream.range(0, HEAD.size())
            .map(column -> rows.stream().mapToInt(row -> row.get(column).codePointCount(0, row.get(column).length())).max().orElse(0))
            .toArray();
        return rows.stream().map(row -> line(row, widths)).toList();
    }

    private static List<String> row(RunSummary run) {
        return List.of(Printable.escape(run.name()), run.state().toString(), text("%,d of %,d", run.step(), run.maxSteps()),
            loss(run.figures().lastValidation()), loss(run.figures().bestValidation()), Amounts.time(run.figures().seconds()),
            Amounts.megabytes(run.bytes()), Printable.escape(run.origin()));
    }

    private static String loss(Optional<Point> point) {
        return point.map(p -> text("%.4f at %,d", p.value(), p.step())).orElse("-");
    }

    private static String line(List<String> row, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int column = 0; column < row.size(); column++) {
            line.append(row.get(column)).append(" ".repeat(widths[column] - row.get(column)
                .codePointCount(0, row.get(column).length()) + 2));
        }
        return line.toString().stripTrailing();
    }

    private static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
