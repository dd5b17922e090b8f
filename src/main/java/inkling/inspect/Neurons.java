package inkling.inspect;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import inkling.engine.Kernels;
import inkling.generate.Largest;
import inkling.model.Gpt;
import inkling.model.GptLayout;
import inkling.model.Part;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The strongest neurons of the MLPs, and which tokens they make likelier. A neuron adds its activation times a learned row (C) to the
 * output of the MLP, which is added to the residual stream. The row's dot products with the rows of the unembedding (V, C) tell how far it
 * raises each token's logit (Geva et al. 2022, arXiv:2203.14680).
 */
public final class Neurons {
    private Neurons() {}

    /**
     * A neuron at a token.
     *
     * @param index the neuron's number in the block's MLP, from 0
     * @param activation the neuron's value at this token
     * @param tokens ids of the tokens whose logits this activation raises most, the most raised first
     */
    public record Neuron(int index, float activation, List<Integer> tokens) {}

    /**
     * For each block, and in it for each token, the {@code most} neurons whose activations have the largest absolute values, largest first.
     *
     * @param tokens how many tokens to name for each neuron
     */
    public static List<List<List<Neuron>>> of(Gpt gpt, NDManager manager, List<BlockArithmetic> blocks, int most, int tokens) {
        return blocks.stream().map(block -> {
            List<int[]> strongest = Arrays.stream(block.neurons()).map(row -> strongest(row, most)).toList();
            int[] used = strongest.stream().flatMapToInt(Arrays::stream).distinct().toArray();
            Map<Integer, double[]> gains = gains(gpt, manager, block.layer(), used);
            return IntStream.range(0, strongest.size()).mapToObj(t -> Arrays.stream(strongest.get(t)).mapToObj(index -> {
                float activation = block.neurons()[t][index];
                double[] signed = Arrays.stream(gains.get(index)).map(gain -> activation < 0 ? -gain : gain).toArray();
                return new Neuron(index, activation, Arrays.stream(Largest.of(signed, tokens)).boxed().toList());
            }).toList()).toList();
        }).toList();
    }

    private static int[] strongest(float[] activations, int most) {
        return Largest.of(IntStream.range(0, activations.length).mapToDouble(i -> Math.abs(activations[i])).toArray(), most);
    }

    /** For each neuron, how far its row raises each token's logit, (V). Norms after the MLP, scales and caps are left out. */
    private static Map<Integer, double[]> gains(Gpt gpt, NDManager manager, int layer, int[] neurons) {
        int c = gpt.config().nEmbd();
        GptLayout.Weights out = gpt.layout().weights(layer, Part.MLP_OUT);
        float[] rows = new float[neurons.length * c];
        try (NDManager scope = manager.newSubManager()) {
            float[] all = gpt.lora().map(lora -> lora.merged(gpt.parameters(), out, scope))
                .orElseGet(() -> gpt.parameters().get(out.weight())).toFloatArray();                               // (I, C)
            for (int i = 0; i < neurons.length; i++) {
                System.arraycopy(all, neurons[i] * c, rows, i * c, c);
            }
            NDArray logits = Kernels.unembed(scope.create(rows, new Shape(1, neurons.length, c)),
                gpt.parameters().get(gpt.layout().unembedding()));                                                 // (1, n, V)
            float[][] gains = ForwardTrace.rows(logits);
            Map<Integer, double[]> byNeuron = new HashMap<>();
            for (int i = 0; i < neurons.length; i++) {
                float[] row = gains[i];
                byNeuron.put(neurons[i], IntStream.range(0, row.length).mapToDouble(id -> row[id]).toArray());
            }
            return byNeuron;
        }
    }
}
