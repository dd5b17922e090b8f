package inkling.inspect;

import inkling.generate.Distribution;
import inkling.generate.Largest;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * How a text in front of a prompt (a preamble) changes the prediction: the next-token distributions without it and with it.
 *
 * @param without the likeliest tokens after the prompt alone, in order
 * @param with the likeliest tokens after preamble and prompt, in order
 * @param movers the tokens whose probability changed most, largest change first
 * @param listed every token of the three lists above, with both its probabilities; the keys are ids
 * @param klBits the KL divergence Σ p log₂(p / q), where p is with the preamble and q without. If p is right, this is the mean number of
 *     bits that the preamble saves in predicting the next token
 */
public record Comparison(List<NextToken> without, List<NextToken> with, List<Mover> movers, Map<Integer, Mover> listed,
                         double klBits) {
    private static final int BAR_CELLS = 18;

    /** A token's probability without and with the preamble. */
    public record Mover(int id, String token, String label, double without, double with) {
        public double change() {
            return with - without;
        }
    }

    /**
     * Compares the next-token distributions after two prompts.
     *
     * @param without the forward pass of the prompt
     * @param with the forward pass of the preamble and the prompt
     * @param n how many tokens each of the lists {@code without}, {@code with} and {@code movers} has, at most V
     */
    public static Comparison of(ForwardTrace without, ForwardTrace with, int n) {
        Distribution q = Distribution.softmax(NextToken.doubles(without.nextLogits()), 1);
        Distribution p = Distribution.softmax(NextToken.doubles(with.nextLogits()), 1);
        IntFunction<Mover> mover = id -> new Mover(id, with.tokenText().token(id).orElseGet(() -> with.tokenText().readable(id)),
            NextToken.label(with.tokenText(), id), q.probability(id), p.probability(id));
        List<NextToken> topWithout = NextToken.likeliest(without.nextLogits(), n, without.tokenText());
        List<NextToken> topWith = NextToken.likeliest(with.nextLogits(), n, with.tokenText());
        double[] change = IntStream.range(0, p.size()).mapToDouble(id -> Math.abs(p.probability(id) - q.probability(id))).toArray();
        List<Mover> movers = Arrays.stream(Largest.of(change, n)).mapToObj(mover).toList();
        Map<Integer, Mover> listed = new LinkedHashMap<>();
        movers.forEach(m -> listed.put(m.id(), m));
        Stream.concat(topWithout.stream(), topWith.stream()).forEach(next -> listed.putIfAbsent(next.id(), mover.apply(next.id())));
        return new Comparison(topWithout, topWith, movers, listed, LogitLens.klBits(p, q));
    }

    /** The JSON fields {@code without, with: {top[]}}, {@code kl_bits}, {@code movers[] of {id, token, without, with}}. */
    public Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("without", Map.of("top", without.stream().map(NextToken::json).toList()));
        json.put("with", Map.of("top", with.stream().map(NextToken::json).toList()));
        json.put("kl_bits", klBits);
        json.put("movers", movers.stream().map(mover -> {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("id", mover.id());
            row.put("token", mover.token());
            row.put("without", mover.without());
            row.put("with", mover.with());
            return row;
        }).toList());
        return json;
    }

    /** For a terminal: both lists side by side, then the movers. */
    public String text() {
        StringBuilder out = new StringBuilder();
        line(out, "%-47s%s", "without", "with");
        double most = Math.max(without.get(0).probability(), with.get(0).probability());
        for (int i = 0; i < without.size(); i++) {
            line(out, "%s  %s", side(without.get(i), most), side(with.get(i), most));
        }
        line(out, "%nThe text in front shifts the distribution by %.3f bits (the KL divergence of with from without). Largest movers:",
            klBits);
        for (Mover mover : movers) {
            line(out, "%s %7s -> %7s   %+.1f points", AttentionMap.fit(mover.label(), 16), percent(mover.without()), percent(mover.with()),
                100 * mover.change());
        }
        return out.toString();
    }

    private static String side(NextToken next, double most) {
        int cells = (int) Math.round(BAR_CELLS * next.probability() / most);
        return AttentionMap.fit(next.label(), 16) + " " + AttentionMap.fit("█".repeat(cells), BAR_CELLS) + " %8s "
            .formatted(percent(next.probability()));
    }

    private static String percent(double p) {
        return String.format(Locale.ROOT, "%.2f%%", 100 * p);
    }

    private static void line(StringBuilder out, String format, Object... values) {
        out.append(String.format(Locale.ROOT, format, values).stripTrailing()).append('\n');
    }
}
