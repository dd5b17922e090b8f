package inkling.serve.view;

import inkling.generate.Candidates;
import inkling.generate.Distribution;
import inkling.generate.Largest;
import inkling.generate.Sampler;
import inkling.generate.SamplingOptions;
import inkling.generate.TokenText;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The distribution of the next token, and what sampling removed from it, as JSON. */
final class NextDistribution {
    private NextDistribution() {}

    /**
     * The distribution as JSON:
     *
     * <ul>
     *   <li>{@code entropy_bits}: the entropy of the distribution from which a token is drawn, after all truncations; {@code kept}: how
     *       many tokens are possible in it.
     *   <li>{@code removals[] of {by, tokens, probability}}: what each truncation, or temperature 0, removed.
     *   <li>{@code top[] of {id, token, piece, probability, logit, kept, untruncated}}: tokens in the order of the model's own logits.
     *       {@code probability} is a token's probability in that distribution, {@code untruncated} the one before tokens were removed.
     *   <li>{@code rest}: the sum of {@code untruncated} for all tokens that are not in {@code top}.
     * </ul>
     *
     * @param logits (V) after the prompt
     * @param prompt the ids that the model has read, for the repetition penalty
     * @param top how many tokens to show
     */
    static Map<String, Object> json(float[] logits, int[] prompt, SamplingOptions options, int top, TokenText text) {
        BitSet seen = new BitSet();
        Arrays.stream(prompt).forEach(seen::set);
        Candidates candidates = Sampler.of(options).candidates(logits, seen);
        Distribution drawn = candidates.distribution();
        int[] likeliest = Largest.of(candidates.logits(), top);
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("entropy_bits", drawn.entropyBits());
        json.put("kept", drawn.keptCount());
        json.put("removals", candidates.removals().stream().map(removal -> {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("by", removal.by());
            one.put("tokens", removal.tokens());
            one.put("probability", removal.probability());
            return one;
        }).toList());
        List<Map<String, Object>> entries = Arrays.stream(likeliest).mapToObj(id -> entry(id, candidates, text)).toList();
        json.put("top", entries);
        json.put("rest", Math.max(0, 1 - Arrays.stream(likeliest).mapToDouble(candidates.untruncated()::probability).sum()));
        return json;
    }

    private static Map<String, Object> entry(int id, Candidates candidates, TokenText text) {
        Map<String, Object> one = new LinkedHashMap<>();
        one.put("id", id);
        one.put("token", text.token(id).orElseGet(() -> text.readable(id)));
        one.put("piece", text.readable(id));
        one.put("probability", candidates.distribution().probability(id));
        one.put("logit", candidates.logits()[id]);
        one.put("kept", candidates.distribution().kept(id));
        one.put("untruncated", candidates.untruncated().probability(id));
        return one;
    }
}
