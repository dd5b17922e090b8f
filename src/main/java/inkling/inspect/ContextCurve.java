package inkling.inspect;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import inkling.data.Tokens;
import inkling.engine.Kernels;
import inkling.errors.ConfigException;
import inkling.errors.Printable;
import inkling.model.Gpt;
import inkling.model.Mode;
import inkling.model.Probe;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * How a model's loss depends on the length of the context: the mean loss of the token that follows 1, 2, 3 … tokens. Each mean is over the
 * same windows of a text.
 *
 * @param loss [i], mean nats of the token that follows i + 1 tokens of a window
 * @param error [i], standard error of {@code loss[i]}; NaN if there is only one window
 * @param smooth [i], the mean loss of all tokens that follow (i + 1) / {@link #NEAR_RATIO} to (i + 1) · {@link #NEAR_RATIO} tokens of a
 *     window
 * @param smoothError [i], standard error of {@code smooth[i]}, from the differences between the means of single windows; NaN if there is
 *     only one window
 * @param windows how many windows were read
 */
public record ContextCurve(double[] loss, double[] error, double[] smooth, double[] smoothError, int windows) {
    private static final int TOKENS_A_BATCH = 4096;
    private static final double NEAR_RATIO = Math.pow(2, 0.25);      // a smoothed mean's longest context is at most √2 times its shortest

    /**
     * Neighbouring context lengths that are shown together; see {@link #ranges}.
     *
     * @param from its shortest context, in tokens
     * @param to its longest context, in tokens
     * @param loss mean nats over the range
     */
    public record Range(int from, int to, double loss) {}

    /**
     * Measures {@code most} windows, spread evenly over the text without overlap, or all windows if there are fewer.
     *
     * @param manager each forward pass runs in a sub-manager of this one
     * @param tokens at least 2; a text of at most {@code columns} tokens counts as one shorter window
     * @param columns the length of a window, at most context_length
     * @throws ConfigException for fewer than 2 tokens
     */
    public static ContextCurve of(Gpt gpt, NDManager manager, Tokens tokens, int columns, int most) {
        if (tokens.count() < 2) {
            throw new ConfigException("The text has too few tokens (%d): at least 2 are needed, since the first is never predicted."
                .formatted(tokens.count()));
        }
        int t = (int) Math.min(columns, tokens.count() - 1);
        long available = (tokens.count() - 1) / t;
        int windows = (int) Math.min(most, available);
        double[] sum = new double[t];
        double[] squares = new double[t];
        double[] smoothSum = new double[t];
        double[] smoothSquares = new double[t];
        int rows = Math.max(1, TOKENS_A_BATCH / t);
        for (int done = 0; done < windows; done += rows) {
            int batch = Math.min(rows, windows - done);
            long[] ids = new long[batch * t];
            long[] targets = new long[batch * t];
            for (int row = 0; row < batch; row++) {
                long start = (done + row) * available / windows * t;
                tokens.read(start, ids, row * t, t);
                tokens.read(start + 1, targets, row * t, t);
            }
            float[] nats = losses(gpt, manager, ids, targets, new Shape(batch, t));
            for (int i = 0; i < nats.length; i++) {
                sum[i % t] += nats[i];
                squares[i % t] += (double) nats[i] * nats[i];
            }
            for (int row = 0; row < batch; row++) {
                double[] smooth = smooth(nats, row * t, t);
                for (int i = 0; i < t; i++) {
                    smoothSum[i] += smooth[i];
                    smoothSquares[i] += smooth[i] * smooth[i];
                }
            }
        }
        return new ContextCurve(means(sum, windows), errors(sum, squares, windows), means(smoothSum, windows),
            errors(smoothSum, smoothSquares, windows), windows);
    }

    /** Smooths the losses of one window: at each position, the mean over the positions near it. */
    private static double[] smooth(float[] nats, int from, int t) {
        double[] before = new double[t + 1];
        for (int i = 0; i < t; i++) {
            before[i + 1] = before[i] + nats[from + i];
        }
        double[] smooth = new double[t];
        for (int context = 1; context <= t; context++) {
            int least = (int) Math.ceil(context / NEAR_RATIO);
            int most = Math.min(t, (int) Math.floor(context * NEAR_RATIO));
            smooth[context - 1] = (before[most] - before[least - 1]) / (most - least + 1);
        }
        return smooth;
    }

    private static double[] means(double[] sums, int n) {
        return Arrays.stream(sums).map(sum -> sum / n).toArray();
    }

    private static double[] errors(double[] sums, double[] squares, int n) {
        double[] errors = new double[sums.length];
        for (int i = 0; i < errors.length; i++) {
            double mean = sums[i] / n;
            errors[i] = n < 2 ? Double.NaN : Math.sqrt(Math.max(0, squares[i] / n - mean * mean) / (n - 1));
        }
        return errors;
    }

    /** The loss of each target in nats, row by row. */
    private static float[] losses(Gpt gpt, NDManager manager, long[] ids, long[] targets, Shape shape) {
        try (NDManager scope = manager.newSubManager()) {
            NDArray logits = gpt.forward(scope.create(ids, shape), Mode.EVAL, Probe.NONE);
            return Kernels.crossEntropyEach(logits, scope.create(targets, shape)).toFloatArray();
        }
    }

    /** T, the tokens of a window: the longest context measured. */
    public int length() {
        return loss.length;
    }

    /** Mean nats over all positions. */
    public double mean() {
        return Arrays.stream(loss).average().orElseThrow();
    }

    /** The curve in ranges that double: 1 token of context, 2, 3 to 4, 5 to 8, … */
    public List<Range> ranges() {
        List<Range> ranges = new ArrayList<>();
        for (int from = 1, to = 1; from <= loss.length; from = to + 1, to = 2 * to) {
            int end = Math.min(to, loss.length);
            ranges.add(new Range(from, end, Arrays.stream(loss, from - 1, end).average().orElseThrow()));
        }
        return ranges;
    }

    /** The JSON fields {@code windows, tokens, loss, positions[] of {context, loss, standard_error, smoothed, smoothed_standard_error}}. */
    public Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("windows", windows);
        json.put("tokens", (long) windows * loss.length);
        json.put("loss", mean());
        List<Map<String, Object>> positions = new ArrayList<>();
        for (int i = 0; i < loss.length; i++) {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("context", i + 1);
            row.put("loss", loss[i]);
            row.put("standard_error", Double.isNaN(error[i]) ? null : error[i]);
            row.put("smoothed", smooth[i]);
            row.put("smoothed_standard_error", Double.isNaN(smoothError[i]) ? null : smoothError[i]);
            positions.add(row);
        }
        json.put("positions", positions);
        return json;
    }

    /** For a terminal: a bar for each range. */
    public String text() {
        StringBuilder out = new StringBuilder();
        line(out, "Loss of a token by how many tokens the model sees before it, over %s:%n", Printable.counted(windows, "window"));
        List<Range> ranges = ranges();
        double most = ranges.stream().mapToDouble(Range::loss).max().orElse(1);
        for (Range range : ranges) {
            line(out, "%12s   %6.3f nats   perplexity %8.1f   %s", range.from() == range.to() ? String.valueOf(range.from())
                : range.from() + " to " + range.to(), range.loss(), Math.exp(range.loss()), "█"
                    .repeat((int) Math.round(36 * range.loss() / most)));
        }
        line(out, "%n%12s   %6.3f nats", "all", mean());
        return out.toString();
    }

    private static void line(StringBuilder out, String format, Object... values) {
        out.append(String.format(Locale.ROOT, format, values).stripTrailing()).append('\n');
    }
}
