package inkling.inspect;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import inkling.generate.Distribution;
import inkling.model.Gpt;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What each layer would predict if the remaining blocks added nothing. After the embedding and after every block, the final norm and the
 * unembedding are applied to the residual stream. Source: nostalgebraist 2020, "interpreting GPT: the logit lens".
 *
 * @param tokens the strings of {@link ForwardTrace#tokens}, one for each position of this lens
 * @param labels the strings of {@link ForwardTrace#labels}, one for each position of this lens
 * @param layers L + 1 layers for L blocks: [0] is the prediction from the embedding, [L] the model's own prediction
 */
public record LogitLens(List<String> tokens, List<String> labels, List<Layer> layers) {
    private static final int TOKEN_CELLS = 12;
    private static final int MOST_COLUMNS = 7;

    /** The predictions after one layer. @param layer how many blocks have been applied */
    public record Layer(int layer, List<Position> positions) {}

    /**
     * What a layer predicts at one position: the token that comes after it.
     *
     * @param top the likeliest tokens, in order
     * @param entropyBits the entropy of the whole distribution
     * @param klBits Σ p log₂(p / q), where p is the last layer's distribution and q this layer's; 0 at the last layer
     * @param actual the probability of the token that actually comes next; NaN at the end of the prompt
     */
    public record Position(List<NextToken> top, double entropyBits, double klBits, double actual) {}

    /** @param n how many of the likeliest tokens to keep at each position, at most V */
    public static LogitLens of(ForwardTrace trace, Gpt gpt, NDManager manager, int n) {
        return of(trace, gpt, manager, n, 0);
    }

    /** As {@link #of(ForwardTrace, Gpt, NDManager, int)}, for position {@code first}, counted from 0, and the positions after it. */
    public static LogitLens of(ForwardTrace trace, Gpt gpt, NDManager manager, int n, int first) {
        List<Layer> layers = new ArrayList<>();
        int last = trace.blocks().size();
        int length = trace.length();
        Distribution[] ofLastLayer = new Distribution[length];
        for (int t = first; t < length; t++) {
            ofLastLayer[t] = Distribution.softmax(NextToken.doubles(trace.logits()[t]), 1);
        }
        for (int layer = 0; layer <= last; layer++) {
            float[][] logits = unembedded(Arrays.copyOfRange(trace.stream(layer), first, length), gpt, manager);   // (T - first, V)
            List<Position> positions = new ArrayList<>();
            for (int t = first; t < length; t++) {
                float[] row = logits[t - first];
                Distribution p = Distribution.softmax(NextToken.doubles(row), 1);
                positions.add(new Position(NextToken.likeliest(row, n, trace.tokenText()), p.entropyBits(),
                    layer == last ? 0 : klBits(ofLastLayer[t], p), t + 1 < length ? p.probability(trace.ids()[t + 1]) : Double.NaN));
            }
            layers.add(new Layer(layer, List.copyOf(positions)));
        }
        return new LogitLens(trace.tokens().subList(first, length), trace.labels().subList(first, length), layers);
    }

    private static float[][] unembedded(float[][] stream, Gpt gpt, NDManager manager) {
        int c = stream[0].length;
        float[] flat = new float[stream.length * c];
        for (int t = 0; t < stream.length; t++) {
            System.arraycopy(stream[t], 0, flat, t * c, c);
        }
        try (NDManager scope = manager.newSubManager()) {
            return ForwardTrace.rows(gpt.unembed(scope.create(flat, new Shape(1, stream.length, c))));
        }
    }

    /**
     * The KL divergence Σ p log₂(p / q): the extra bits that a token drawn from p costs on average if q predicts it. It is 0 if p equals q.
     */
    static double klBits(Distribution p, Distribution q) {
        double nats = 0;
        for (int id = 0; id < p.size(); id++) {
            if (p.probability(id) > 0) {
                nats += p.probability(id) * (p.logProbability(id) - q.logProbability(id));
            }
        }
        return Math.max(0, nats / Math.log(2));
    }

    /** The JSON fields {@code tokens[]}, {@code layers[] of {layer, positions[] of {top[], entropy_bits, kl_bits, actual}}}. */
    public Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("tokens", tokens);
        json.put("layers", layers.stream().map(layer -> {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("layer", layer.layer());
            row.put("positions", layer.positions().stream().map(LogitLens::json).toList());
            return row;
        }).toList());
        return json;
    }

    private static Map<String, Object> json(Position position) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("top", position.top().stream().map(NextToken::json).toList());
        json.put("entropy_bits", position.entropyBits());
        json.put("kl_bits", position.klBits());
        json.put("actual", Double.isNaN(position.actual()) ? null : position.actual());
        return json;
    }

    /**
     * For a terminal: each layer's likeliest token at each of the last positions. Then, for the very last position alone, each layer's
     * likeliest tokens (up to four) and entropy.
     */
    public String text() {
        StringBuilder out = new StringBuilder();
        int from = Math.max(0, tokens.size() - MOST_COLUMNS);
        line(out, "The likeliest next token after each token%s, read off after every layer:%n",
            from == 0 ? "" : " (the last " + MOST_COLUMNS + " of " + tokens.size() + ")");
        StringBuilder head = new StringBuilder("      after");
        for (int t = from; t < tokens.size(); t++) {
            head.append(' ').append(AttentionMap.fit(labels.get(t), TOKEN_CELLS));
        }
        line(out, "%s", head);
        for (Layer layer : layers) {
            StringBuilder row = new StringBuilder("%11s".formatted(name(layer.layer())));
            for (int t = from; t < tokens.size(); t++) {
                row.append(' ').append(AttentionMap.fit(layer.positions().get(t).top().get(0).label(), TOKEN_CELLS));
            }
            line(out, "%s", row);
        }
        line(out, "%nAfter the whole prompt:");
        for (Layer layer : layers) {
            Position position = layer.positions().get(tokens.size() - 1);
            StringBuilder row = new StringBuilder("%11s".formatted(name(layer.layer())));
            position.top().stream().limit(4).forEach(next -> row.append(String.format(Locale.ROOT, " %s %5.1f%% ",
                AttentionMap.fit(next.label(), 9), 100 * next.probability())));
            line(out, "%s %5.2f bits", row, position.entropyBits());
        }
        return out.toString();
    }

    /** The name of a layer's row: {@code embedding}, {@code 1} …, {@code final 12}. @param layer from 0 to L */
    public String name(int layer) {
        return layer == 0 ? "embedding" : layer == layers.size() - 1 ? "final " + layer : Integer.toString(layer);
    }

    private static void line(StringBuilder out, String format, Object... values) {
        out.append(String.format(Locale.ROOT, format, values).stripTrailing()).append('\n');
    }
}
