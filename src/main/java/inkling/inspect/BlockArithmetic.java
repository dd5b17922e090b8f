package inkling.inspect;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import inkling.model.Gpt;
import inkling.model.Mode;
import inkling.model.Probe;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The numbers that one block computes for a prompt: the input of its attention, its heads' queries, keys and values, and its MLP's neurons.
 * In the shapes, T stands for tokens, C for the channels of the residual stream, hs for the head size, and I for neurons.
 *
 * @param layer the block's number, from 0
 * @param input (T, C): what the attention reads. It is the stream after the block's norm, or the stream itself if no norm comes before
 * @param heads one for each query head
 * @param neurons (T, I), after the activation
 */
public record BlockArithmetic(int layer, float[][] input, List<Head> heads, float[][] neurons) {
    /** Runs the prompt once and returns one entry for each block, in order. */
    public static List<BlockArithmetic> of(Gpt gpt, NDManager manager, int[] ids) {
        Recorder recorder = new Recorder();
        try (NDManager scope = manager.newSubManager()) {
            gpt.forward(scope.create(Arrays.stream(ids).asLongStream().toArray(), new Shape(1, ids.length)), Mode.EVAL, recorder);
        }
        return List.copyOf(recorder.blocks);
    }

    /**
     * One head of a block.
     *
     * @param query (T, hs), like {@code key} and {@code value}; a query scores a key by their dot product / √hs
     */
    public record Head(float[][] query, float[][] key, float[][] value) {
        /** The ({@code at} + 1) scores of the query at token {@code at} with the keys up to that token: q·k / √hs, before a score cap. */
        public double[] scores(int at) {
            double[] scores = new double[at + 1];
            for (int k = 0; k <= at; k++) {
                double dot = 0;
                for (int i = 0; i < query[at].length; i++) {
                    dot += (double) query[at][i] * key[k][i];
                }
                scores[k] = dot / Math.sqrt(query[at].length);
            }
            return scores;
        }

        /** The head's output at token {@code at}, (hs): the values of the tokens up to it, each times its share of attention. */
        public float[] mix(float[] shares, int at) {
            float[] mixed = new float[value[at].length];
            for (int k = 0; k <= at; k++) {
                for (int i = 0; i < mixed.length; i++) {
                    mixed[i] += shares[k] * value[k][i];
                }
            }
            return mixed;
        }
    }

    private static final class Recorder implements Probe {
        private final List<BlockArithmetic> blocks = new ArrayList<>();
        private float[][] input;
        private List<Head> heads = List.of();

        @Override
        public void attentionInput(int layer, NDArray x) {
            input = ForwardTrace.rows(x);
        }

        @Override
        public void heads(int layer, NDArray q, NDArray k, NDArray v) {
            float[][][] queries = split(q);
            float[][][] keys = split(k);
            float[][][] values = split(v);
            heads = IntStream.range(0, queries.length).mapToObj(h -> new Head(queries[h], keys[h], values[h])).toList();
        }

        /** Copies an array (1, nh, T, hs) to [head][token][hs]. */
        private static float[][][] split(NDArray all) {
            int t = (int) all.getShape().get(2);
            int hs = (int) all.getShape().get(3);
            float[] flat = all.toFloatArray();
            return IntStream.range(0, (int) all.getShape().get(1)).mapToObj(head -> IntStream.range(0, t).mapToObj(row ->
                Arrays.copyOfRange(flat, (head * t + row) * hs, (head * t + row + 1) * hs)).toArray(float[][]::new))
                .toArray(float[][][]::new);
        }

        @Override
        public void neurons(int layer, NDArray activated) {
            blocks.add(new BlockArithmetic(layer, input, heads, ForwardTrace.rows(activated)));
        }
    }
}
