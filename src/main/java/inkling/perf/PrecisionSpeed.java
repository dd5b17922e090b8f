package inkling.perf;

import ai.djl.ndarray.NDManager;
import inkling.engine.ComputeContext;
import inkling.engine.Precision.Storage;
import inkling.generate.GptLogits;
import inkling.model.Gpt;
import inkling.model.GptWeights;
import inkling.model.config.GptConfig;
import java.util.Arrays;
import java.util.Random;

/**
 * How fast the model of a run file, with random weights, makes a token: in float32, and in a form of fewer bytes. Both
 * are timed in turn, because a shared machine's speed changes from minute to minute.
 *
 * @param storage the form of fewer bytes
 * @param past how many tokens precede the one that is timed
 * @param floatMillis median of a token in float32
 * @param shortMillis median of a token in {@code storage}
 */
public record PrecisionSpeed(Storage storage, int past, double floatMillis, double shortMillis) {
    private static final int TOKENS_BEFORE = 255;
    private static final int ROUNDS = 11;
    private static final int TOKENS_A_ROUND = 10;
    private static final int WARM_UP_TOKENS = 80; // more tokens than GptLogits reads before it copies float32 weights into a faster form

    /** Measures; takes seconds for a model of a hundred million parameters. @param seed of the random weights */
    public static PrecisionSpeed measure(GptConfig model, long seed, Storage storage, ComputeContext context) {
        context.enter();
        try (NDManager manager = context.manager(); Gpt whole = Gpt.initialise(model, manager, seed);
             Gpt stored = new Gpt(model, GptWeights.stored(model, whole.parameters(), storage, manager.newSubManager()));
             GptLogits one = new GptLogits(whole, manager, context); GptLogits other = new GptLogits(stored, manager, context)) {
            int past = Math.min(TOKENS_BEFORE, model.contextLength() - 1);
            int[] text = new Random(1).ints(past, 0, model.vocabSize()).toArray();
            one.read(text);
            other.read(text);
            double[] floatMillis = new double[ROUNDS * TOKENS_A_ROUND];
            double[] shortMillis = new double[ROUNDS * TOKENS_A_ROUND];
            for (int i = -WARM_UP_TOKENS; i < floatMillis.length; i += TOKENS_A_ROUND) {
                time(one, past, floatMillis, i);
                time(other, past, shortMillis, i);
            }
            return new PrecisionSpeed(storage, past, median(floatMillis), median(shortMillis));
        }
    }

    /** Times {@value #TOKENS_A_ROUND} tokens, numbered from {@code first}; those with a number below 0 warm up. */
    private static void time(GptLogits logits, int past, double[] millis, int first) {
        for (int i = first; i < first + TOKENS_A_ROUND; i++) {
            logits.keep(past, past + 1, 0);
            long started = System.nanoTime();
            logits.read(new int[] {1});
            millis[Math.max(0, i)] = (System.nanoTime() - started) / 1e6;
        }
    }

    private static double median(double[] values) {
        Arrays.sort(values);
        return values[values.length / 2];
    }

    /** The tokens a second in {@code storage}, divided by the tokens a second in float32. */
    public double times() {
        return floatMillis / shortMillis;
    }
}
