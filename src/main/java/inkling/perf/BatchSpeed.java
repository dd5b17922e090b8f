package inkling.perf;

import ai.djl.ndarray.NDManager;
import inkling.engine.ComputeContext;
import inkling.generate.GptLogits;
import inkling.generate.batch.Sequences;
import inkling.generate.batch.Sequences.Sequence;
import inkling.model.Gpt;
import inkling.model.config.GptConfig;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * How fast the model of a run file, with random weights, continues several texts of different lengths at once, and one text alone. Both are
 * timed in turn, because a shared machine's speed changes from minute to minute.
 *
 * @param rows how many texts there are; text i, counted from 1, has {@code longest · i / rows} tokens, at least 1
 * @param longest tokens of the longest text
 * @param oneMillis median of a pass for one text alone, whose length is the mean length of the several texts
 * @param rowsMillis median of a pass that gives each of the texts a token
 */
public record BatchSpeed(int rows, int longest, double oneMillis, double rowsMillis) {
    private static final int LONGEST_TEXT = 255;
    private static final int ROUNDS = 11;
    private static final int PASSES_A_ROUND = 10;
    private static final int WARM_UP_PASSES = 20;

    /** Measures; takes seconds for a model of a hundred million parameters. @param rows 1 to {@link Sequences#MOST_ROWS} */
    public static BatchSpeed measure(GptConfig model, long seed, int rows, ComputeContext context) {
        context.enter();
        try (NDManager manager = context.manager(); Gpt gpt = Gpt.initialise(model, manager, seed);
             Sequences sequences = new Sequences(gpt, manager, context, GptLogits.MOST_COPIED_BYTES)) {
            int longest = Math.min(LONGEST_TEXT, model.contextLength() - 1);
            int[] lengths = IntStream.rangeClosed(1, rows).map(i -> Math.max(1, longest * i / rows)).toArray();
            int mean = (int) Math.round(Arrays.stream(lengths).average().orElseThrow());
            Random random = new Random(1);
            List<Sequence> one = List.of(read(sequences, mean, random, model));
            List<Sequence> all = Arrays.stream(lengths).mapToObj(length -> read(sequences, length, random, model)).toList();
            double[] oneMillis = new double[ROUNDS * PASSES_A_ROUND];
            double[] rowsMillis = new double[ROUNDS * PASSES_A_ROUND];
            // several passes of one kind at a time, because each kind leaves its own data in the processor's cache
            for (int i = -WARM_UP_PASSES; i < oneMillis.length; i += PASSES_A_ROUND) {
                time(sequences, one, oneMillis, i);
                time(sequences, all, rowsMillis, i);
            }
            return new BatchSpeed(rows, longest, median(oneMillis), median(rowsMillis));
        }
    }

    private static Sequence read(Sequences sequences, int length, Random random, GptConfig model) {
        Sequence sequence = sequences.open();
        sequences.read(sequence, random.ints(length, 0, model.vocabSize()).toArray());
        return sequence;
    }

    /** Times {@value #PASSES_A_ROUND} passes, numbered from {@code first}; those with a number below 0 warm up. */
    private static void time(Sequences sequences, List<Sequence> texts, double[] millis, int first) {
        int[] lengths = texts.stream().mapToInt(Sequence::length).toArray();
        for (int i = first; i < first + PASSES_A_ROUND; i++) {
            long started = System.nanoTime();
            sequences.next(texts, new int[texts.size()]);
            millis[Math.max(0, i)] = (System.nanoTime() - started) / 1e6;
            IntStream.range(0, lengths.length).forEach(row -> texts.get(row).truncate(lengths[row]));
        }
    }

    private static double median(double[] values) {
        Arrays.sort(values);
        return values[values.length / 2];
    }

    /** The tokens a second of all texts together, divided by the tokens a second of one text alone. */
    public double times() {
        return rows * oneMillis / rowsMillis;
    }
}
