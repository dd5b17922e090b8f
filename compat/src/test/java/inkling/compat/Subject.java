package inkling.compat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import inkling.formats.GgufExport;
import inkling.formats.HuggingFaceExport.Beside;
import inkling.io.gguf.GgufType;
import inkling.model.Gpt;
import inkling.model.Mode;
import inkling.model.Probe;
import inkling.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A model that is exported, so that llama.cpp's results can be compared with Inkling's.
 *
 * @param texts texts whose ids are compared
 * @param sequence ids; the distribution of the next token is compared after each of them
 * @param bound the largest difference of log-probabilities that is allowed
 */
record Subject(String name, Gpt gpt, Beside beside, List<String> texts, int[] sequence, double bound) {
    static final int GREEDY_FROM = 4;
    static final int GREEDY = 16;

    /** Writes the model to {@code NAME-TYPE.gguf}, and returns this file. */
    Path export(Path directory, GgufType type) {
        Path file = directory.resolve(name.replaceAll("[^A-Za-z0-9]+", "-") + "-" + type.word() + ".gguf");
        GgufExport.write(gpt, beside, file, type);
        return file;
    }

    LlamaCpp.Question question(Path file) {
        return new LlamaCpp.Question(file, texts, IntStream.of(sequence).boxed().toList(), GREEDY_FROM, GREEDY,
            gpt.config().contextLength());
    }

    Tokenizer tokenizer() {
        return beside.tokenizer().orElseThrow();
    }

    /** The log-probabilities of the next token after each id, (T, V), computed in one forward pass. */
    double[][] logprobs(int[] ids) {
        try (NDManager scope = gpt.parameters().manager().newSubManager()) {
            NDArray logits = gpt.forward(scope.create(ids).expandDims(0), Mode.EVAL, Probe.NONE);
            float[] flat = logits.toFloatArray();
            int v = gpt.config().vocabSize();
            return IntStream.range(0, ids.length).mapToObj(t -> logSoftmax(Arrays.copyOfRange(flat, t * v, (t + 1) * v)))
                .toArray(double[][]::new);
        }
    }

    private static double[] logSoftmax(float[] logits) {
        double most = IntStream.range(0, logits.length).mapToDouble(i -> logits[i]).max().orElseThrow();
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp(logit - most);
        }
        double log = most + Math.log(sum);
        return IntStream.range(0, logits.length).mapToDouble(i -> logits[i] - log).toArray();
    }

    /** Continues the first {@link #GREEDY_FROM} ids by {@link #GREEDY} tokens, each time with the likeliest token. */
    List<Integer> greedy() {
        List<Integer> ids = new ArrayList<>(IntStream.of(sequence).limit(GREEDY_FROM).boxed().toList());
        for (int i = 0; i < GREEDY; i++) {
            double[][] rows = logprobs(ids.stream().mapToInt(id -> id).toArray());
            ids.add(largest(rows[rows.length - 1]));
        }
        return ids.subList(GREEDY_FROM, ids.size());
    }

    static int largest(double[] row) {
        return IntStream.range(0, row.length).reduce(0, (best, i) -> row[i] > row[best] ? i : best);
    }
}
