package inkling.generate;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The continuations of one prompt.
 *
 * @param promptIds all ids of the prompt, even those that did not fit into the context. An empty prompt has one id, which the model reads
 *     in its place
 * @param notice one line for the user if the context could not hold all tokens that the model had to read
 */
public record Generation(long seed, int[] promptIds, List<Sample> samples, Optional<String> notice) {
    public Generation {
        samples = List.copyOf(samples);
    }

    /** A generation. It has a notice if the prompt and a sample, without the last token, have more than {@code context} tokens. */
    public static Generation of(long seed, int[] promptIds, List<Sample> samples, int context) {
        int longest = samples.stream().mapToInt(sample -> sample.ids().length).max().orElse(0);
        return new Generation(seed, promptIds, samples, notice(promptIds.length, longest, context));
    }

    private static Optional<String> notice(int promptTokens, int newTokens, int context) {
        int outOfView = promptTokens + newTokens - 1 - context;
        if (newTokens == 0 || outOfView <= 0) {
            return Optional.empty();
        }
        return Optional.of(String.format(Locale.ROOT, "The context of %,d tokens was full after %,d new tokens: from then on the last %,d"
            + " tokens were read again for each new one, at positions from 0; in the end the first %,d of %,d tokens were out of view.",
            context, Math.max(0, context - promptTokens), context, outOfView, promptTokens + newTokens - 1));
    }

    /**
     * Why a sample ended.
     *
     * <ul>
     * <li>{@link #LENGTH}: the requested number of tokens was reached.
     * <li>{@link #STOP}: a stop string appeared.
     * <li>{@link #EOS}: the model drew a token that ends a text.
     * <li>{@link #CANCELLED}: the caller ended the sample early, e.g. by its stop supplier or by closing the session.
     * </ul>
     */
    public enum FinishReason { LENGTH, STOP, EOS, CANCELLED }

    /**
     * One continuation.
     *
     * @param text the continuation, without the stop string or end-of-text token that ended it; empty without a tokenizer
     * @param ids all tokens that were drawn, including those that ended the sample; empty if it was cancelled before the first token
     * @param steps one for each id
     */
    public record Sample(Optional<String> text, int[] ids, FinishReason finishReason, List<DrawnToken> steps) {
        public Sample {
            steps = List.copyOf(steps);
        }
    }

    /** The document of {@code sample --json} as maps, lists and arrays, for any JSON writer. */
    public Map<String, Object> json() {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("seed", seed);
        document.put("prompt_ids", promptIds);
        List<Map<String, Object>> all = new ArrayList<>();
        for (Sample sample : samples) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("text", sample.text().orElse(null));
            one.put("ids", sample.ids());
            one.put("finish_reason", sample.finishReason().name().toLowerCase(Locale.ROOT));
            one.put("steps", sample.steps().stream().map(Generation::json).toList());
            all.add(one);
        }
        document.put("samples", all);
        return document;
    }

    private static Map<String, Object> json(DrawnToken step) {
        Map<String, Object> one = new LinkedHashMap<>();
        one.put("id", step.id());
        one.put("token", step.token().orElse(null));
        one.put("probability", step.probability());
        one.put("logit", step.logit());
        one.put("rank", step.rank());
        one.put("entropy_bits", step.entropyBits());
        one.put("top", step.top().stream().map(Generation::json).toList());
        return one;
    }

    private static Map<String, Object> json(DrawnToken.Entry entry) {
        Map<String, Object> one = new LinkedHashMap<>();
        one.put("id", entry.id());
        one.put("token", entry.token().orElse(null));
        one.put("probability", entry.probability());
        one.put("logit", entry.logit());
        one.put("kept", entry.kept());
        one.put("untruncated", entry.untruncated());
        return one;
    }
}
