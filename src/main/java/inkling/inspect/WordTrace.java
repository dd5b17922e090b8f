package inkling.inspect;

import inkling.errors.ConfigException;
import inkling.tokenizer.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * How the vectors of one word in two contexts diverge from layer to layer.
 *
 * <p>The vectors a and b are the residual stream at the word's last token, in the first and in the second context. Of the word's tokens,
 * only the last has read the whole word. At each layer cosine = a·b / (|a| |b|), angle = arccos(cosine) in degrees, and distance = |a − b|.
 *
 * <p>Texts and pages show the angle, because the parts of most models read the stream through a norm, which removes the length of a vector.
 * The distance, in contrast, grows with the lengths of the two vectors, even if their angle shrinks.
 *
 * <p>A block adds to the stream twice: first the attention's output, then the MLP's. So angle[l] = angle[l − 1] + attention_angle[l] +
 * mlp_angle[l], and distance[l] = distance[l − 1] + attention_delta[l] + mlp_delta[l].
 *
 * @param word as the user wrote it
 * @param a the word's occurrence in the first context
 * @param b the word's occurrence in the second context
 * @param layers L + 1 layers for L blocks: [0] is the embedding
 */
public record WordTrace(String word, Occurrence a, Occurrence b, List<Layer> layers) {
    /** An angle in degrees, with cosine 0.97. If the angle after the last block is smaller, the contexts have hardly changed the word. */
    private static final double SMALL = 15;

    /**
     * A place where the word occurs.
     *
     * @param trace the forward pass of the context
     * @param position of the word's last token, from 0
     * @param tokensOfWord how many tokens the word has there
     */
    public record Occurrence(ForwardTrace trace, int position, int tokensOfWord) {
        /** The residual stream (C) at the word's last token after {@code layer} blocks. */
        public float[] vector(int layer) {
            return trace.stream(layer)[position];
        }

        String label() {
            return trace.labels().get(position);
        }
    }

    /**
     * The two vectors after one layer.
     *
     * @param layer how many blocks have been applied
     * @param cosine of the angle between the two vectors
     * @param distance the Euclidean distance of the two vectors
     * @param byDistance how far the attention and the MLP of this layer's block changed the distance
     * @param byAngle how far the attention and the MLP changed the angle, in degrees
     */
    public record Layer(int layer, double cosine, double distance, Change byDistance, Change byAngle) {
        /** In degrees, 0 to 180. */
        public double angle() {
            return degrees(cosine);
        }
    }

    /**
     * How far a block's attention changed the distance or angle, and how far the block's MLP changed it after that. Both are 0 at the
     * embedding.
     */
    public record Change(double attention, double mlp) {}

    /**
     * The last occurrence of {@code word} as a whole word in a context.
     *
     * @param text the prompt of {@code trace}
     * @throws ConfigException if the word is blank or does not occur, or if the tokens spell too few bytes to reach it
     */
    public static Occurrence find(String word, String text, ForwardTrace trace, Tokenizer tokenizer) {
        int at = lastWhole(word, text);
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int wordStart = text.substring(0, at).getBytes(StandardCharsets.UTF_8).length;
        int wordEnd = wordStart + word.getBytes(StandardCharsets.UTF_8).length;
        int tokens = 0;
        int end = 0;
        for (int i = 0; i < trace.length(); i++) {
            int start = end;
            end = start + length(tokenizer, trace.ids()[i], bytes, start);
            tokens += end > wordStart && start < wordEnd ? 1 : 0;
            if (end >= wordEnd) {
                return new Occurrence(trace, i, tokens);
            }
        }
        throw new ConfigException(("The tokens of \"%s\" do not spell this text (this tokenizer changes text), so %s cannot be found"
            + " in them.").formatted(text, word));
    }

    /** How many bytes of the text, from {@code at} on, a token spells; 0 for a special token that the tokenizer added. */
    private static int length(Tokenizer tokenizer, int id, byte[] text, int at) {
        byte[] bytes = tokenizer.bytes(id);
        if (bytes.length > 0) {
            return bytes.length;
        }
        byte[] name = tokenizer.token(id).getBytes(StandardCharsets.UTF_8);   // of a special token; the text may not have it
        boolean written = at + name.length <= text.length && Arrays.equals(name, 0, name.length, text, at, at + name.length);
        return written ? name.length : 0;
    }

    private static int lastWhole(String word, String text) {
        if (word.isBlank()) {
            throw new ConfigException("The word to follow is empty: name one that occurs in both contexts.");
        }
        for (int at = text.lastIndexOf(word); at >= 0; at = text.lastIndexOf(word, at - 1)) {
            int end = at + word.length();
            boolean begins = at == 0 || !Character.isLetterOrDigit(text.codePointBefore(at));
            if (begins && (end == text.length() || !Character.isLetterOrDigit(text.codePointAt(end)))) {
                return at;
            }
        }
        throw new ConfigException("The word %s does not occur in the context \"%s\"%s. Both contexts must have it, spelled the same."
            .formatted(word, text, text.contains(word) ? " as a word of its own" : ""));
    }

    /** Compares two occurrences of {@code word}, layer by layer. */
    public static WordTrace of(String word, Occurrence a, Occurrence b) {
        List<Layer> layers = new ArrayList<>();
        layers.add(new Layer(0, cosine(a.vector(0), b.vector(0)), distance(a.vector(0), b.vector(0)), new Change(0, 0), new Change(0, 0)));
        for (int layer = 1; layer <= a.trace().blocks().size(); layer++) {
            Layer before = layers.get(layer - 1);
            float[] oneBetween = a.trace().blocks().get(layer - 1).afterAttention()[a.position()];
            float[] otherBetween = b.trace().blocks().get(layer - 1).afterAttention()[b.position()];
            double cosine = cosine(a.vector(layer), b.vector(layer));
            double distance = distance(a.vector(layer), b.vector(layer));
            layers.add(new Layer(layer, cosine, distance, change(before.distance(), distance(oneBetween, otherBetween), distance),
                change(before.angle(), degrees(cosine(oneBetween, otherBetween)), degrees(cosine))));
        }
        return new WordTrace(word, a, b, List.copyOf(layers));
    }

    private static Change change(double before, double between, double after) {
        return new Change(between - before, after - between);
    }

    private static double degrees(double cosine) {
        return Math.toDegrees(Math.acos(Math.max(-1, Math.min(1, cosine))));
    }

    private static double distance(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += ((double) a[i] - b[i]) * ((double) a[i] - b[i]);
        }
        return Math.sqrt(sum);
    }

    private static double cosine(float[] a, float[] b) {
        double dot = 0;
        double aa = 0;
        double bb = 0;
        for (int i = 0; i < a.length; i++) {
            dot += (double) a[i] * b[i];
            aa += (double) a[i] * a[i];
            bb += (double) b[i] * b[i];
        }
        return dot / Math.sqrt(aa * bb);
    }

    /** Remarks for the reader about the tokens that are compared; may be empty. */
    public List<String> remarks() {
        List<String> remarks = new ArrayList<>();
        int tokens = Math.max(a.tokensOfWord(), b.tokensOfWord());
        if (tokens > 1) {
            remarks.add("%s is %d tokens to this model: the trace follows its last token (%s), which has read the whole word."
                .formatted(word, tokens, a.label()));
        }
        if (!a.label().equals(b.label())) {
            remarks.add(("The token is %s in the first context and %s in the second, two different tokens: their vectors"
                + " differ not only because of the context. Choose contexts in which the same character stands before %s.")
                .formatted(a.label(), b.label(), word));
        } else if (a.position() != b.position()) {
            remarks.add("It is token %d of the first context and token %d of the second%s.".formatted(a.position() + 1, b.position() + 1,
                layers.get(0).distance() > 0 ? "; the model adds a vector for the place, so the two differ from the start" : ""));
        }
        return remarks;
    }

    /** Whether the word's last token is the same in both contexts. Then only context and position make the token's vectors differ. */
    public boolean isSameToken() {
        return a.trace().ids()[a.position()] == b.trace().ids()[b.position()];
    }

    /** The angle after the last block, as a sum of what embedding, attention and MLPs added; with a hint if the angle is small. */
    public String summary() {
        double first = layers.get(0).angle();
        double last = layers.get(layers.size() - 1).angle();
        double attention = layers.stream().mapToDouble(layer -> layer.byAngle().attention()).sum();
        double mlps = tenths(last) - tenths(first) - tenths(attention);     // so that the printed numbers add up
        String sum = String.format(Locale.ROOT, "The two vectors point %.1f° apart at the end = %.1f° at the embedding %s by attention"
            + " %s by the MLPs.", last, first, added(attention), added(mlps));
        return sum + (last >= SMALL ? "" : " That is little: the context hardly changes this word here. Try another text.");
    }

    private static double tenths(double value) {
        return Math.round(10 * value) / 10.0;
    }

    private static String added(double degrees) {
        return String.format(Locale.ROOT, "%s %.1f°", degrees < 0 ? "−" : "+", Math.abs(degrees));
    }

    /**
     * The JSON fields {@code word}, {@code in[] of {tokens, position}}, {@code layers[] of {layer, cosine, angle, attention_angle,
     * mlp_angle, distance, attention_delta, mlp_delta}}. The angles are in degrees; the deltas are changes of the distance.
     */
    public Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("word", word);
        json.put("in", List.of(json(a), json(b)));
        json.put("layers", layers.stream().map(layer -> {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("layer", layer.layer());
            row.put("cosine", layer.cosine());
            row.put("angle", layer.angle());
            row.put("attention_angle", layer.byAngle().attention());
            row.put("mlp_angle", layer.byAngle().mlp());
            row.put("distance", layer.distance());
            row.put("attention_delta", layer.byDistance().attention());
            row.put("mlp_delta", layer.byDistance().mlp());
            return row;
        }).toList());
        return json;
    }

    private static Map<String, Object> json(Occurrence place) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("tokens", place.trace().tokens());
        json.put("position", place.position());
        return json;
    }

    /** For a terminal. */
    public String text() {
        StringBuilder out = new StringBuilder();
        remarks().forEach(remark -> line(out, "%s", remark));
        line(out, "%11s   %8s   %14s   %8s   %6s", "after", "angle", "attention adds", "MLP adds", "cosine");
        double most = layers.stream().mapToDouble(Layer::angle).max().orElse(1);
        for (Layer layer : layers) {
            boolean embedding = layer.layer() == 0;
            line(out, "%11s   %7.1f°   %14s   %8s   %6.3f   %s", embedding ? "embedding" : Integer.toString(layer.layer()), layer.angle(),
                embedding ? "" : signed(layer.byAngle().attention()), embedding ? "" : signed(layer.byAngle().mlp()), layer.cosine(),
                "█".repeat((int) Math.round(30 * layer.angle() / Math.max(most, 1e-9))));
        }
        line(out, "%s", summary());
        return out.toString();
    }

    private static String signed(double degrees) {
        return String.format(Locale.ROOT, "%+.1f°", degrees);
    }

    private static void line(StringBuilder out, String format, Object... values) {
        out.append(String.format(Locale.ROOT, format, values).stripTrailing()).append('\n');
    }
}
