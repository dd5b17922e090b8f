package inkling.engine;

import ai.djl.ndarray.NDArray;
import java.util.List;

/**
 * All blocks of the model in one call, for a single new token, whose work would be less than that of a dozen calls a layer; and its
 * products with matrices in strips, which a row can be multiplied with as fast as memory is read (docs/decisions/0009).
 */
public final class DecodeKernel {
    /** Columns of a strip: as many sums as MKL's row product holds in registers while it reads on without a jump. */
    public static final int STRIP = 32;

    private DecodeKernel() {}

    /** The columns of w (in, out) in strips of {@link #STRIP}, one after the other: (⌈out / 32⌉, in, 32), the last filled up with 0. */
    public static NDArray inStrips(NDArray w) {
        return Kernels.MODULE.array("in_strips", w, STRIP);
    }

    /** Logits (B, 1, V) of x (B, 1, C) by the unembedding (C, V) in strips. */
    public static NDArray unembed(NDArray x, NDArray strips, int vocabSize) {
        return Kernels.MODULE.array("unembed_strips", x, strips, vocabSize);
    }

    /**
     * One token of each sequence through all blocks; see {@code inkling.model.DecodeStep}. No gradients.
     *
     * @param x (B, 1, C), at position {@code start}
     * @param weights of each block weight and bias of every norm and linear there can be, in the order of {@code inkling.model.Part}; (0)
     *     for none; a matrix is (in, out), or in strips where they come out even
     * @param keys one a layer, (B, n_kv, capacity, hs), written at {@code start}, as {@code values}
     * @return (B, 1, C)
     */
    public static NDArray blocks(NDArray x, int start, Blocks blocks, KernelList weights, List<NDArray> keys, List<NDArray> values) {
        Kernels.NormKind norm = blocks.norm();
        return Kernels.MODULE.array("decode", x, start, blocks.heads(), blocks.kvHeads(), blocks.queryFactor(), blocks.qkNorm(),
            blocks.scoreCap(), norm.eps(), norm.rms(), norm.onePlus(), blocks.branches(), blocks.residualScale(), blocks.activation(),
            blocks.windows(), blocks.tables(), weights, keys, values);
    }

    /**
     * What the blocks are, beside their weights.
     *
     * @param queryFactor of the queries, beside the 1 / √hs of the scores
     * @param qkNorm none, head, head_each or all: {@link Kernels#normHeads}
     * @param scoreCap of the scores, infinite for none
     * @param branches serial, parallel or parallel_one_norm
     * @param residualScale of what is added to x
     * @param activation gelu_tanh, gelu, relu, relu_squared, swiglu or geglu_tanh
     * @param windows of each layer, how many tokens a token reads
     * @param tables of each layer cos and sin, (context, d) for the first d channels of a head; (0) where nothing is turned
     */
    public record Blocks(int heads, int kvHeads, double queryFactor, String qkNorm, double scoreCap, Kernels.NormKind norm, String branches,
                         double residualScale, String activation, int[] windows, KernelList tables) {}
}
