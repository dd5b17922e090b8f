package inkling.perf;

import ai.djl.ndarray.NDManager;
import inkling.engine.ComputeContext;
import inkling.generate.GptLogits;
import inkling.model.Gpt;
import inkling.model.config.GptConfig;
import inkling.runfile.RunConfig;
import java.util.Arrays;
import java.util.Random;

/**
 * How fast the model of a run file, with random weights, generates one token at a time through the key/value cache. For comparison, the
 * model is also timed without the cache: then the whole text is computed again for each token. Tokens and memory reads are timed in turn,
 * because both speeds change from minute to minute on a shared machine.
 *
 * @param past how many tokens precede the one that is timed
 * @param cachedMillis median of a token through the cache
 * @param recomputedMillis median of computing all {@code past + 1} tokens again
 * @param bytesPerSecond median speed of memory reads between the tokens
 * @param weightBytes bytes of the weights that every token reads: all weights but positions and an untied input embedding
 */
public record DecodeSpeed(int past, double cachedMillis, double recomputedMillis, double bytesPerSecond, long weightBytes) {
    private static final int TOKENS_BEFORE = 255;
    private static final int ROUNDS = 11;
    private static final int TOKENS_A_ROUND = 20;
    private static final int RECOMPUTED_TOKENS = 5;
    private static final int WARM_UP_TOKENS = 80; // more tokens than GptLogits reads before it copies the weights into a faster form

    /** Measures; takes seconds for a model of a hundred million parameters. */
    public static DecodeSpeed measure(GptConfig model, RunConfig config, ComputeContext context) {
        context.enter();
        try (NDManager manager = context.manager();
             Gpt gpt = Gpt.initialise(model, manager, config.seed()); GptLogits logits = new GptLogits(gpt, manager, context);
             MemoryBandwidth memory = new MemoryBandwidth(context)) {
            int past = Math.min(TOKENS_BEFORE, model.contextLength() - 1);
            int[] text = new Random(1).ints(past + 1, 0, model.vocabSize()).toArray();
            double[] recomputed = new double[RECOMPUTED_TOKENS];
            for (int i = -1; i < RECOMPUTED_TOKENS; i++) {
                logits.keep(0, past + 1, 0);
                recomputed[Math.max(0, i)] = millis(() -> logits.read(text));
            }
            for (int i = 0; i < WARM_UP_TOKENS; i++) {
                logits.keep(past, past + 1, 0);
                logits.read(new int[] {text[past]});
            }
            double[] cached = new double[ROUNDS * TOKENS_A_ROUND];
            double[] bytesPerSecond = new double[ROUNDS];
            for (int i = 0; i < cached.length; i++) {
                if (i % TOKENS_A_ROUND == 0) {
                    bytesPerSecond[i / TOKENS_A_ROUND] = memory.bytesPerSecond();
                }
                logits.keep(past, past + 1, 0);
                cached[i] = millis(() -> logits.read(new int[] {text[past]}));
            }
            return new DecodeSpeed(past, median(cached), median(recomputed), median(bytesPerSecond), 4 * readParameters(model));
        }
    }

    private static long readParameters(GptConfig model) {
        ParameterTally tally = ParameterTally.of(model);
        return tally.parameters() - tally.other().positions() - (model.tieEmbeddings() ? 0 : (long) model.vocabSize() * model.nEmbd());
    }

    private static double millis(Runnable work) {
        long started = System.nanoTime();
        work.run();
        return (System.nanoTime() - started) / 1e6;
    }

    private static double median(double[] values) {
        Arrays.sort(values);
        return values[values.length / 2];
    }

    /** The share of the memory's bandwidth that is used if each token reads {@link #weightBytes} bytes. */
    public double bandwidthShare() {
        return weightBytes / bytesPerSecond / (cachedMillis / 1e3);
    }
}
