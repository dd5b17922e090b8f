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
     * @param weights of each block weight and bias of the norm before attention, the linear of q, k, v, the one after attention, the norm
     *     before the MLP, its linears up, gate and down; (0) for none; a matrix is (in, out), or in strips where they come out even
     * @param keys one a layer, (B, n_kv, capacity, hs), written at {@code start}, as {@code values}
     * @return (B, 1, C)
     */
    public static NDArray blocks(NDArray x, int start, Blocks blocks, KernelList weights, List<NDArray> keys, List<NDArray> values) {
        return Kernels.MODULE.array("decode", x, start, blocks.heads(), blocks.kvHeads(), blocks.eps(), blocks.rmsNorm(),
            blocks.onePlusGain(), blocks.queryFactor(), blocks.residualScale(), blocks.activation(), blocks.cos(), blocks.sin(), weights,
            keys, values);
    }

    /**
     * What all blocks share.
     *
     * @param onePlusGain whether norms multiply by 1 + weight
     * @param queryFactor of the queries, beside the 1 / √hs of the scores
     * @param residualScale of what is added to x
     * @param activation gelu_tanh, gelu, relu, relu_squared or swiglu
     * @param cos (context, d) for the first d channels of a head, as {@code sin}; (0) without rope
     */
    public record Blocks(int heads, int kvHeads, double eps, boolean rmsNorm, boolean onePlusGain, double queryFactor, double residualScale,
                         String activation, NDArray cos, NDArray sin) {}
}
