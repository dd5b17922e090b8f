package inkling.cli.train;

import java.util.List;
import java.util.Locale;

/**
 * Where a training stands, on one line of a terminal.
 *
 * @param step updates completed
 * @param ofSteps the updates after which the run ends: {@code train.max_steps}
 * @param loss of the last update; NaN before the first of this session
 * @param valLoss of the last evaluation; NaN before the first of this session
 * @param valStep step of the last evaluation
 * @param tokensPerSecond of the last update; NaN before the first of this session
 * @param secondsLeft until the end of the run; NaN if not known yet
 */
record ProgressLine(long step, long ofSteps, double loss, double valLoss, long valStep, double tokensPerSecond, double secondsLeft) {
    private static final int MIN_BAR_WIDTH = 10;
    private static final int MAX_BAR_WIDTH = 40;
    private static final String EIGHTHS = " ▏▎▍▌▋▊▉";

    /**
     * The line, at most {@code width} columns if possible. On a narrow terminal the bar is left out first, then, one after the other, the
     * words and the step of the evaluation, then the time that is left. The run's step, the losses and the speed are always shown.
     */
    String render(int width) {
        String count = text("%,d/%,d", step, ofSteps);
        String numbers = numbers();
        int room = width - ("train  " + count + "  " + numbers).length() - 3;
        if (room >= MIN_BAR_WIDTH) {
            return "train " + bar(Math.min(room, MAX_BAR_WIDTH)) + " " + count + "  " + numbers;
        }
        List<String> shorter = List.of("train  " + count + "  " + numbers, count + "  " + numbers,
            text("%s  loss %s  val %s  %s/s  %s", count, loss(loss), validation(), speed(), left()),
            text("%s  loss %s  val %s  %s/s  %s", count, loss(loss), loss(valLoss), speed(), left()),
            text("%s %s %s %s/s %s", count, loss(loss), loss(valLoss), speed(), left()));
        return shorter.stream().filter(line -> line.length() <= width).findFirst()
            .orElse(text("%s %s %s %s/s", count, loss(loss), loss(valLoss), speed()));
    }

    /** {@code loss 1.234  val 1.300 at 250  12,345 tokens/s  1 min 20 s left}. */
    String numbers() {
        return text("loss %s  val %s  %s tokens/s%s", loss(loss), validation(), speed(),
            Double.isNaN(secondsLeft) ? "" : "  " + left() + " left");
    }

    private String validation() {
        return Double.isNaN(valLoss) ? "-" : text("%.3f at %,d", valLoss, valStep);
    }

    private static String loss(double value) {
        return Double.isNaN(value) ? "-" : text("%.3f", value);
    }

    private String speed() {
        return Double.isNaN(tokensPerSecond) ? "-" : text("%,.0f", tokensPerSecond);
    }

    private String left() {
        return Double.isNaN(secondsLeft) ? "-" : TimeLeft.text(secondsLeft);
    }

    private String bar(int cells) {
        long eighths = ofSteps == 0 ? 0 : step * cells * 8 / ofSteps;
        int whole = (int) (eighths / 8);
        String part = whole < cells ? String.valueOf(EIGHTHS.charAt((int) (eighths % 8))) : "";
        return "│" + "█".repeat(whole) + part + " ".repeat(cells - whole - part.length()) + "│";
    }

    private static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
