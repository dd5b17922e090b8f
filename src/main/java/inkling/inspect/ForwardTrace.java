package inkling.inspect;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import inkling.errors.ConfigException;
import inkling.generate.TokenText;
import inkling.model.Gpt;
import inkling.model.Mode;
import inkling.model.Probe;
import inkling.model.config.GptConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The values that a forward pass of a prompt computes on the way to the logits, as Java arrays. In the shapes, T stands for tokens, C for
 * channels, L for blocks, nh for heads, and V for the vocabulary.
 *
 * <pre>{@code
 * ForwardTrace trace = ForwardTrace.of(gpt, manager, tokenText, tokenizer.encode("It was the best"));
 * trace.blocks().get(0).pattern()[2][3][1];      // how much head 2 of block 0 attends from token 3 to token 1, all counted from 0
 * }</pre>
 *
 * @param config the model's architecture
 * @param ids (T)
 * @param tokenText gives the text of the ids
 * @param embedding (T, C): the residual stream before the first block, i.e. token vectors (scaled, if the model scales them), plus learned
 *     positions if the model has them
 * @param blocks the L blocks, in order
 * @param logits (T, V)
 */
public record ForwardTrace(GptConfig config, int[] ids, TokenText tokenText, float[][] embedding, List<Block> blocks, float[][] logits) {
    /** A trace with more numbers than this (64 MB) is refused, to bound a view's memory. */
    private static final long MOST_NUMBERS = 16_000_000;

    /**
     * One block: {@code afterAttention = before + attention} and {@code afterMlp = afterAttention + mlp}.
     *
     * @param pattern (nh, T, T): how each query divides its attention among the keys. A row sums to 1; keys after its query have 0
     * @param attention (T, C), what attention added to the residual stream
     * @param afterAttention (T, C), the stream after the attention
     * @param mlp (T, C), what the MLP added to the stream
     * @param afterMlp (T, C), the stream after the MLP
     */
    public record Block(float[][][] pattern, float[][] attention, float[][] afterAttention, float[][] mlp, float[][] afterMlp) {}

    public ForwardTrace {
        blocks = List.copyOf(blocks);
    }

    /**
     * Runs the prompt once. Attention is computed as scores, softmax and product, one after the other, since the fused kernel never holds
     * the attention pattern.
     *
     * @param manager the forward pass runs in a sub-manager of this one
     * @param ids 1 to context_length ids, each in [0, V)
     * @throws ConfigException if the model cannot read {@code ids}, or the trace would be larger than 64 MB
     */
    public static ForwardTrace of(Gpt gpt, NDManager manager, TokenText tokenText, int[] ids) {
        requireFits(gpt.config(), ids);
        Recorder recorder = new Recorder();
        try (NDManager scope = manager.newSubManager()) {
            gpt.forward(scope.create(Arrays.stream(ids).asLongStream().toArray(), new Shape(1, ids.length)), Mode.EVAL, recorder);
        }
        return new ForwardTrace(gpt.config(), ids.clone(), tokenText, recorder.embedding, recorder.blocks, recorder.logits);
    }

    private static void requireFits(GptConfig config, int[] ids) {
        requireReadable(config, ids);
        if (numbers(config, ids.length) > MOST_NUMBERS) {
            int most = ids.length;
            while (numbers(config, most) > MOST_NUMBERS) {
                most--;
            }
            throw new ConfigException("The prompt is %d tokens; views of this model show at most %d at once. Shorten it."
                .formatted(ids.length, most));
        }
    }

    /** @throws ConfigException if {@code ids} is empty or longer than the context, or has an id that is not in the vocabulary */
    static void requireReadable(GptConfig config, int[] ids) {
        if (ids.length < 1 || ids.length > config.contextLength()) {
            throw new ConfigException("The prompt is %d tokens; this model reads 1 to %d. %s".formatted(ids.length, config.contextLength(),
                ids.length == 0 ? "Give at least one character." : "Shorten it."));
        }
        for (int id : ids) {
            if (id < 0 || id >= config.vocabSize()) {
                throw new ConfigException("Prompt id %d is not in the vocabulary: ids are 0 to %d.".formatted(id, config.vocabSize() - 1));
            }
        }
    }

    private static long numbers(GptConfig config, long t) {
        long block = config.attention().nHead() * t * t + 4 * t * config.nEmbd();
        return config.nLayer() * block + t * (config.nEmbd() + (long) config.vocabSize());
    }

    /** T, the number of tokens. */
    public int length() {
        return ids.length;
    }

    /** The vocabulary's own strings; {@code #17} for id 17 if no tokenizer has it. */
    public List<String> tokens() {
        return Arrays.stream(ids).mapToObj(id -> tokenText.token(id).orElseGet(() -> tokenText.readable(id))).toList();
    }

    /** The tokens in readable form: spaces at either end as ␣, control characters escaped. */
    public List<String> labels() {
        return Arrays.stream(ids).mapToObj(id -> NextToken.label(tokenText, id)).toList();
    }

    /** The residual stream (T, C) after the first {@code layer} blocks. For 0, it is the embedding; for L, the input of the final norm. */
    public float[][] stream(int layer) {
        return layer == 0 ? embedding : blocks.get(layer - 1).afterMlp();
    }

    /** The logits (V) of the token after the prompt. */
    public float[] nextLogits() {
        return logits[ids.length - 1];
    }

    /** Copies the values of which a trace consists. */
    private static final class Recorder implements Probe {
        private final List<Block> blocks = new ArrayList<>();
        private float[][] embedding;
        private float[][][] pattern;
        private float[][] attention;
        private float[][] afterAttention;
        private float[][] logits;

        @Override
        public void embedding(NDArray x) {
            embedding = rows(x);
        }

        @Override
        public void attention(int layer, NDArray heads) {
            Shape shape = heads.getShape();                                              // (1, nh, T, T)
            float[] flat = heads.toFloatArray();
            pattern = new float[(int) shape.get(1)][(int) shape.get(2)][(int) shape.get(3)];
            int at = 0;
            for (float[][] head : pattern) {
                for (float[] row : head) {
                    System.arraycopy(flat, at, row, 0, row.length);
                    at += row.length;
                }
            }
        }

        @Override
        public void afterAttention(int layer, NDArray added, NDArray x) {
            attention = rows(added);
            afterAttention = rows(x);
        }

        @Override
        public void afterMlp(int layer, NDArray added, NDArray x) {
            blocks.add(new Block(pattern, attention, afterAttention, rows(added), rows(x)));
        }

        @Override
        public void logits(NDArray all) {
            logits = rows(all);
        }
    }

    /** Copies an array (1, T, n) to T arrays of n numbers. */
    static float[][] rows(NDArray array) {
        int n = (int) array.getShape().get(2);
        float[] flat = array.toFloatArray();
        float[][] rows = new float[flat.length / n][];
        for (int row = 0; row < rows.length; row++) {
            rows[row] = Arrays.copyOfRange(flat, row * n, (row + 1) * n);
        }
        return rows;
    }
}
