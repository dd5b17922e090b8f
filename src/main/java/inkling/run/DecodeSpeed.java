package inkling.run;

import ai.djl.ndarray.NDManager;
import inkling.engine.Devices;
import inkling.inspect.ParameterTally;
import inkling.model.Gpt;
import inkling.model.GptConfig;
import inkling.sample.GptLogits;
import java.util.Arrays;
import java.util.Random;
import java.util.function.IntConsumer;

/**
 * How fast the model of a run file, with random weights, generates: one token at a time through the key/value cache, and for comparison
 * with the whole text computed again for each token.
 *
 * @param past tokens before the one that is timed
 * @param cachedMillis median of a token through the cache, {@code recomputedMillis} of computing {@code past + 1} tokens anew
 * @param weightBytes that every token has to read: all parameters but positions and an untied input embedding
 */
public record DecodeSpeed(int past, double cachedMillis, double recomputedMillis, long weightBytes) {
    private static final int PAST = 255;
    private static final int TOKENS = 40;
    private static final int RECOMPUTED = 5;

    /** Measures; takes seconds for a model of a hundred million parameters. */
    public static DecodeSpeed measure(GptConfig model, RunConfig config) {
        if (config.threads() instanceof RunConfig.Threads.Count count) {
            Devices.setThreads(count.threads());
        }
        try (NDManager manager = Devices.manager(Devices.of(config.device().text()));
             Gpt gpt = Gpt.initialise(model, manager, config.seed()); GptLogits logits = new GptLogits(gpt, manager)) {
            int past = Math.min(PAST, model.contextLength() - 1);
            int[] text = new Random(1).ints(past + 1, 0, model.vocabSize()).toArray();
            double recomputed = medianMillis(RECOMPUTED, i -> {
                logits.keep(0, past + 1, 0);
                logits.read(text);
            });
            double cached = medianMillis(TOKENS, i -> {
                logits.keep(past, past + 1, 0);
                logits.read(new int[] {text[past]});
            });
            return new DecodeSpeed(past, cached, recomputed, 4 * readParameters(model));
        }
    }

    private static long readParameters(GptConfig model) {
        ParameterTally tally = ParameterTally.of(model);
        return tally.parameters() - tally.other().positions() - (model.tieEmbeddings() ? 0 : (long) model.vocabSize() * model.nEmbd());
    }

    private static double medianMillis(int times, IntConsumer work) {
        double[] millis = new double[times];
        for (int i = -2; i < times; i++) {
            long started = System.nanoTime();
            work.accept(i);
            if (i >= 0) {
                millis[i] = (System.nanoTime() - started) / 1e6;
            }
        }
        Arrays.sort(millis);
        return millis[times / 2];
    }

    /** Share of what memory can deliver, where each token reads every weight once. */
    public double bandwidthShare(double bytesPerSecond) {
        return weightBytes / bytesPerSecond / (cachedMillis / 1e3);
    }
}
