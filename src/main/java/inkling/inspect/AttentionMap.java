package inkling.inspect;

import inkling.errors.ConfigException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;

/**
 * The attention of every head over a prompt: how each token divides its attention among itself and the tokens before it.
 *
 * @param tokens T, the strings of {@link ForwardTrace#tokens}
 * @param labels T, the strings of {@link ForwardTrace#labels}
 * @param weights [layer][head][query][key]; a query's weights sum to 1, and are 0 for keys after the query; layers and heads count from 0
 */
public record AttentionMap(List<String> tokens, List<String> labels, float[][][][] weights) {
    private static final String SHADES = " ·░▒▓█";
    /** The least attention of each shade after the first. */
    private static final double[] STEPS = {0.02, 0.08, 0.2, 0.4, 0.7};
    private static final int MOST_ROWS = 64;
    private static final int LABEL_WIDTH = 14;

    /**
     * A head's behaviour in numbers. Each is a mean over all queries but the first, which can attend only to itself.
     *
     * @param self attention on the query's own token
     * @param previous attention on the token before the query's
     * @param first attention on the first token of the prompt
     * @param distance how many tokens back the head attends: the mean distance, weighted by attention
     * @param entropyBits how widely a query's attention is spread: 0 if it is all on a single token
     */
    public record HeadSummary(double self, double previous, double first, double distance, double entropyBits) {}

    public static AttentionMap of(ForwardTrace trace) {
        return new AttentionMap(trace.tokens(), trace.labels(),
            trace.blocks().stream().map(ForwardTrace.Block::pattern).toArray(float[][][][]::new));
    }

    public int layers() {
        return weights.length;
    }

    public int heads() {
        return weights[0].length;
    }

    /** A head's behaviour over this prompt; for a prompt of one token, all attention is on that token. */
    public HeadSummary summary(int layer, int head) {
        float[][] rows = weights[layer][head];
        int from = rows.length == 1 ? 0 : 1;
        double n = rows.length - from;
        double self = 0;
        double previous = 0;
        double first = 0;
        double distance = 0;
        double entropy = 0;
        for (int query = from; query < rows.length; query++) {
            self += rows[query][query] / n;
            previous += query == 0 ? 0 : rows[query][query - 1] / n;
            first += rows[query][0] / n;
            for (int key = 0; key <= query; key++) {
                double p = rows[query][key];
                distance += p * (query - key) / n;
                entropy -= p > 0 ? p * Math.log(p) / Math.log(2) / n : 0;
            }
        }
        return new HeadSummary(self, previous, first, distance, Math.max(0, entropy));
    }

    /** One head; layer and head count from 0. */
    public record Place(int layer, int head) {}

    /**
     * The head with the clearest pattern: the head whose attention is farthest from even. Attention on the first token does not count,
     * since many heads attend there by default. If all heads attend evenly, the result is the first head searched.
     *
     * @param layer the only layer to search, from 1; empty for all layers
     * @param head the only head to search in each layer, from 1; empty for all heads
     */
    public Place clearest(OptionalInt layer, OptionalInt head) {
        Place clearest = new Place(layer.orElse(1) - 1, head.orElse(1) - 1);
        double most = 0;
        for (int l = layer.orElse(1) - 1; l < layer.orElse(layers()); l++) {
            for (int h = head.orElse(1) - 1; h < head.orElse(heads()); h++) {
                double bits = structure(l, h);
                if (bits > most + 1e-9) {
                    most = bits;
                    clearest = new Place(l, h);
                }
            }
        }
        return clearest;
    }

    /**
     * How far a head's attention is from even: the mean of share · (log₂ n − entropy) over the queries.
     * <ul>
     * <li>n: the number of the query's keys after the first key.
     * <li>share: the attention that these n keys get together.
     * <li>entropy: how evenly the share is divided among the n keys, in bits.
     * </ul>
     */
    private double structure(int layer, int head) {
        float[][] rows = weights[layer][head];
        double sum = 0;
        for (int query = 2; query < rows.length; query++) {
            double share = 0;
            for (int key = 1; key <= query; key++) {
                share += rows[query][key];
            }
            double entropy = 0;
            for (int key = 1; key <= query; key++) {
                double p = rows[query][key] / share;
                entropy -= p > 0 ? p * Math.log(p) / Math.log(2) : 0;
            }
            sum += share > 0 ? share * (Math.log(query) / Math.log(2) - entropy) : 0;
        }
        return sum / rows.length;
    }

    /** The JSON fields {@code tokens[]} and {@code weights[layer][head][query][key]}, with all values. */
    public Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("tokens", tokens);
        json.put("weights", weights);
        return json;
    }

    /**
     * For a terminal: a picture of each requested head, or a table of all heads' summaries if none is requested. Layers, heads and
     * tokens count from 1.
     *
     * @throws ConfigException for a layer or head that the model does not have
     */
    public String text(OptionalInt layer, OptionalInt head) {
        require("--layer", layer, 1, layers(), "layers");
        require("--head", head, 1, heads(), "heads");
        StringBuilder out = new StringBuilder();
        if (layer.isEmpty() && head.isEmpty()) {
            table(out);
            return out.toString();
        }
        for (int l = layer.orElse(1) - 1; l < layer.orElse(layers()); l++) {
            for (int h = head.orElse(1) - 1; h < head.orElse(heads()); h++) {
                picture(out, l, h);
            }
        }
        return out.toString();
    }

    private static void require(String option, OptionalInt value, int first, int last, String what) {
        if (value.isPresent() && (value.getAsInt() < first || value.getAsInt() > last)) {
            throw new ConfigException("%s %d: this model has %d %s, numbered %d to %d."
                .formatted(option, value.getAsInt(), last - first + 1, what, first, last));
        }
    }

    private void table(StringBuilder out) {
        line(out, tokens.size() == 1 ? "Where each head looks: the prompt has one token, which sees only itself."
            : "Where each head looks, on average over all %d tokens but the first, which sees only itself:", tokens.size());
        line(out, "layer head   on itself   on the one before   on the first   tokens back     entropy");
        for (int l = 0; l < layers(); l++) {
            for (int h = 0; h < heads(); h++) {
                HeadSummary habit = summary(l, h);
                line(out, "%5d %4d   %8.1f%%   %16.1f%%   %11.1f%%   %11.1f   %4.2f bits", l + 1, h + 1, 100 * habit.self(),
                    100 * habit.previous(), 100 * habit.first(),
                    habit.distance(), habit.entropyBits());
            }
        }
        line(out, "%nOne head's picture: --layer L --head H. All heads: --html FILE.");
    }

    private void picture(StringBuilder out, int layer, int head) {
        float[][] rows = weights[layer][head];
        int from = Math.max(0, rows.length - MOST_ROWS);
        line(out, "layer %d, head %d: each row shares its attention among the tokens up to it%s", layer + 1, head + 1,
            from > 0 ? " (the last " + MOST_ROWS + " of " + rows.length + ")" : "");
        int cell = rows.length <= 40 ? 2 : 1;
        for (int query = from; query < rows.length; query++) {
            StringBuilder cells = new StringBuilder();
            int strongest = 0;
            for (int key = 0; key <= query; key++) {
                strongest = rows[query][key] > rows[query][strongest] ? key : strongest;
                cells.append(key < from ? "" : String.valueOf(shade(rows[query][key])).repeat(cell));
            }
            line(out, "%4d %s %s%s %s %.0f%%", query + 1, fit(labels.get(query), LABEL_WIDTH), cells,
                " ".repeat(cell * (rows.length - 1 - query)), fit(labels.get(strongest), LABEL_WIDTH), 100 * rows[query][strongest]);
        }
        line(out, "     shades: %s (from 2%%, 8%%, 20%%, 40%%, 70%%); right: the token that a row looks at most%n", SHADES.strip());
    }

    static char shade(double p) {
        int level = 0;
        while (level < STEPS.length && p >= STEPS[level]) {
            level++;
        }
        return SHADES.charAt(level);
    }

    /** The text, shortened or filled up with spaces to exactly {@code width} code points. */
    static String fit(String text, int width) {
        int length = text.codePointCount(0, text.length());
        return length <= width ? text + " ".repeat(width - length) : text.substring(0, text.offsetByCodePoints(0, width - 1)) + "…";
    }

    private static void line(StringBuilder out, String format, Object... values) {
        out.append(String.format(Locale.ROOT, format, values).stripTrailing()).append('\n');
    }
}
