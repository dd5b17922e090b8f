package inkling.inspect;

import inkling.inspect.RunHistory.Series;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Draws curves over training steps as text: one letter for each curve, and {@code +} where several curves meet. Losses fall so far at the
 * beginning that the rest would look flat. Therefore the y axis ends at the highest value after the first tenth of the steps, and higher
 * values are left out. The value of a curve with one point always counts.
 */
public final class CharacterChart {
    private static final String LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    private static final int LABEL_CELLS = 8;
    private static final double BEGINNING_SHARE = 0.1;

    private final char[][] cells;
    private final double from;
    private final double to;
    private final double least;
    private final double most;

    private CharacterChart(List<Series> curves, int columns, int rows) {
        cells = new char[rows][columns];
        Arrays.stream(cells).forEach(row -> Arrays.fill(row, ' '));
        from = curves.stream().flatMapToDouble(curve -> Arrays.stream(curve.steps())).min().orElse(0);
        to = curves.stream().flatMapToDouble(curve -> Arrays.stream(curve.steps())).max().orElse(1);
        least = curves.stream().flatMapToDouble(curve -> Arrays.stream(curve.values())).min().orElse(0);
        double start = from + BEGINNING_SHARE * (to - from);
        double highest = Double.NEGATIVE_INFINITY;
        for (Series curve : curves) {
            for (int i = 0; i < curve.steps().length; i++) {
                if (curve.steps()[i] >= start || curve.steps().length == 1) {
                    highest = Math.max(highest, curve.values()[i]);
                }
            }
        }
        most = highest > least ? highest : least + 1;
    }

    /** The letter of curve {@code index}, from 0; the letters repeat after 52 curves. */
    public static char letter(int index) {
        return LETTERS.charAt(index % LETTERS.length());
    }

    /**
     * The chart as lines of text; no lines if no curve has points.
     *
     * @param curves the curves; one without points is left out, but its letter is not given to another
     * @param width characters of a line, at least 20
     * @param height lines for the curves, at least 2; the x axis takes two more
     */
    public static List<String> lines(List<Series> curves, int width, int height) {
        List<Series> drawn = curves.stream().filter(curve -> curve.steps().length > 0).toList();
        if (drawn.isEmpty()) {
            return List.of();
        }
        CharacterChart chart = new CharacterChart(drawn, width - LABEL_CELLS - 1, height);
        for (int i = 0; i < curves.size(); i++) {
            chart.draw(curves.get(i), letter(i));
        }
        return chart.lines();
    }

    private void draw(Series curve, char letter) {
        int columns = curve.steps().length == 0 ? 0 : cells[0].length;
        for (int column = 0; column < columns; column++) {
            double step = from + (to - from) * column / (columns - 1);
            double value = at(curve, step, (to - from) / (columns - 1) / 2);
            if (value <= most) {                                                  // false for NaN
                int row = (int) Math.round((most - value) / (most - least) * (cells.length - 1));
                cells[row][column] = cells[row][column] == ' ' ? letter : '+';
            }
        }
    }

    /**
     * The value of {@code curve} at {@code step}. Between two points, it lies on the line through them. Up to {@code margin} before the
     * first point or after the last, it is that point's value; farther out, it is NaN.
     */
    private static double at(Series curve, double step, double margin) {
        double[] steps = curve.steps();
        int last = steps.length - 1;
        if (step <= steps[0] || step >= steps[last]) {
            double end = step <= steps[0] ? steps[0] : steps[last];
            return Math.abs(step - end) <= margin ? curve.values()[step <= steps[0] ? 0 : last] : Double.NaN;
        }
        int found = Arrays.binarySearch(steps, step);
        int right = found >= 0 ? found : -found - 1;
        double share = (step - steps[right - 1]) / (steps[right] - steps[right - 1]);
        return curve.values()[right - 1] + share * (curve.values()[right] - curve.values()[right - 1]);
    }

    private List<String> lines() {
        List<String> lines = new ArrayList<>();
        for (int row = 0; row < cells.length; row++) {
            boolean labelled = row == 0 || row == cells.length - 1 || row == cells.length / 2;
            double value = most - (most - least) * row / (cells.length - 1);
            String label = labelled ? String.format(Locale.ROOT, "%.4g", value) : "";
            lines.add((" ".repeat(Math.max(0, LABEL_CELLS - 1 - label.length())) + label + " |" + new String(cells[row])).stripTrailing());
        }
        lines.add(" ".repeat(LABEL_CELLS) + "+" + "-".repeat(cells[0].length));
        String start = String.format(Locale.ROOT, "step %,.0f", from);
        String end = String.format(Locale.ROOT, "%,.0f", to);
        lines.add(" ".repeat(LABEL_CELLS + 1) + start + " ".repeat(Math.max(1, cells[0].length - start.length() - end.length())) + end);
        return lines;
    }
}
