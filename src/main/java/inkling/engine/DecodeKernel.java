package inkling.engine;

import ai.djl.ndarray.NDArray;
import java.util.List;

/**
 * Computes all blocks of the model for a single new token in one call; a dozen calls for each layer would cost more time than their work.
 * Matrices may be stored in strips of columns, because a row is multiplied with a strip as fast as memory is read (docs/decisions/0009).
 */
public final class DecodeKernel {
    /** Columns of a strip: the number of sums that MKL's product of a row holds in registers while it reads memory in order. */
    public static final int STRIP = 32;

    private DecodeKernel() {}

    /**
     * The columns of w (in, out) in strips of {@link #STRIP}, one after the other: (⌈out / 32⌉, in, 32); the last strip is padded with 0.
     */
    public static NDArray inStrips(NDArray w) {
        return Kernels.MODULE.array("in_strips", w, STRIP);
    }

    /**
     * w (in, out) in an order of oneDNN's own, which only its products read. A product with up to about eight rows then takes the time of
     * one row (docs/decisions/0030). Where this libtorch has no oneDNN, and on a GPU, w itself.
     */
    public static NDArray packed(NDArray w) {
        return Kernels.MODULE.array("packed", w);
    }

    /** Logits (B, 1, V) of x (B, 1, C); {@code strips} is the unembedding (C, V) in strips. */
    public static NDArray unembed(NDArray x, NDArray strips, int vocabSize) {
        return Kernels.MODULE.array("unembed_strips", x, strips, vocabSize);
    }

    /**
     * One token of each sequence through all blocks; see {@code inkling.model.DecodeStep}. No gradients.
     *
     * @param x (B, 1, C)
     * @param starts the token's position: one number for all sequences, or one for each row; further rows of x are padding
     * @param positions an empty array (0) if {@code starts} has one number; else int64 (B): the numbers of {@code starts}, then any
     *     numbers for the padding
     * @param weights for each block, weight and bias of every norm and linear layer that any architecture has, in the order of
     *     {@code inkling.model.Part}; an empty array (0) for each that this architecture lacks. A matrix is (in, out), or {@link #packed},
     *     or in strips if {@code out} is a multiple of {@link #STRIP}
     * @param factors of each linear layer whose weight is int8 ({@link Matrix}); (0) for other layers
     * @param keys the caches, into which the token's keys are written at its position: one array a layer, (B, n_kv, capacity, hs), or for
     *     each row of each layer (n_kv, capacity, hs). If two rows share an array, the second reads what the first wrote
     * @param values as {@code keys}, for the token's values
     * @return (B, 1, C)
     */
    public static NDArray blocks(NDArray x, int[] starts, NDArray positions, Blocks blocks, KernelList weights, KernelList factors,
                                 KernelList keys, KernelList values) {
        Kernels.NormKind norm = blocks.norm();
        return Kernels.MODULE.array("decode", x, starts, positions, blocks.heads(), blocks.kvHeads(), blocks.queryFactor(),
            blocks.qkNorm(), blocks.scoreCap(), norm.eps(), norm.rms(), norm.onePlus(), blocks.branches(), blocks.residualScale(),
            blocks.activation(), blocks.windows(), blocks.tables(), weights, factors, keys, values);
    }

    /**
     * The blocks' architecture, without their weights.
     *
     * @param queryFactor multiplies the queries, in addition to the 1 / √hs of the scores
     * @param qkNorm none, head, head_each or all: {@link Kernels#normHeads}
     * @param scoreCap cap of the scores; infinite for none
     * @param branches serial, parallel or parallel_one_norm
     * @param residualScale multiplies what attention and MLP add to x
     * @param activation gelu_tanh, gelu, relu, relu_squared, swiglu or geglu_tanh
     * @param windows for each layer, how many tokens a token attends to
     * @param tables for each layer, cos and sin of the rotary positions, (context, d) for the first d channels of a head; (0) without them
     */
    public record Blocks(int heads, int kvHeads, double queryFactor, String qkNorm, double scoreCap, Kernels.NormKind norm, String branches,
                         double residualScale, String activation, int[] windows, KernelList tables) {}
}
