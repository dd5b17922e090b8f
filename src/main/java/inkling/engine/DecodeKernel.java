package inkling.engine;

import ai.djl.ndarray.NDArray;

/**
 * Computes all blocks of the model in one call, for one new token of each sequence. A dozen calls for each block would take more time than
 * the arithmetic. Matrices may be stored in strips of columns, because a strip is multiplied as fast as memory can be read
 * (docs/decisions/0009).
 */
public final class DecodeKernel {
    /**
     * The columns of a strip. In the product of one row with a strip, MKL keeps a sum for each column in a register: up to 32 sums fit. It
     * then reads the strip from memory in order.
     */
    public static final int STRIP = 32;

    private DecodeKernel() {}

    /**
     * Cuts the columns of w (in, out) into strips of {@link #STRIP} = 32 columns: (⌈out / 32⌉, in, 32). The last strip is padded with 0.
     */
    public static NDArray inStrips(NDArray w) {
        return Kernels.MODULE.array("in_strips", w, STRIP);
    }

    /**
     * w (in, out) in oneDNN's own order, which only oneDNN's products can read. A product with up to about eight rows then takes the time
     * of one row (docs/decisions/0030). The result is w itself in three cases: on a GPU; if libtorch has no oneDNN; if w is in
     * bfloat16 and oneDNN has no products in bfloat16 for this processor.
     */
    public static NDArray packed(NDArray w) {
        return Kernels.MODULE.array("packed", w);
    }

    /** The unembedding w (V, C), {@link #packed} so that x (…, C) times it gives (…, V); w itself if it cannot be packed. */
    public static NDArray packedTable(NDArray w) {
        return Kernels.MODULE.array("packed_table", w);
    }

    /** Logits (B, 1, V) of x (B, 1, C); {@code strips} is the unembedding (C, V) in strips. */
    public static NDArray unembed(NDArray x, NDArray strips, int vocabSize) {
        return Kernels.MODULE.array("unembed_strips", x, strips, vocabSize);
    }

    /**
     * Passes one token of each sequence through all blocks; see {@code inkling.model.DecodeStep}. Call it while nothing is
     * recorded for gradients.
     *
     * <p>There are two forms:
     * <ul>
     * <li>All sequences have the same length. {@code starts} has one number, {@code positions} is an empty array (0), and each block has
     *     one array of keys (B, n_kv, capacity, hs).
     * <li>Rows may have different lengths, and the last rows of x may be padding. {@code starts} has a number for each row that is no
     *     padding, and each block an array of keys (n_kv, capacity, hs). {@code positions} is int64 (B).
     * </ul>
     *
     * @param x (B, 1, C); in the second form, rows of x beyond the length of {@code starts} are padding
     * @param starts the token's position, from 0
     * @param positions in the second form, the numbers of {@code starts}, then valid positions for the padding rows, no matter which
     * @param weights for each block, the weight and bias of every {@code inkling.model.Part}, in order; an empty array (0) for each array
     *     that this architecture lacks. A matrix is (in, out), or {@link #packed}, or in strips if {@code out} is a multiple of
     *     {@link #STRIP}
     * @param factors for each block, the factors of its linear layers if the weight is int8 ({@link Matrix}), else (0)
     * @param keys the caches' keys. The token's keys are written into them at its position. If two rows share an array, the second row
     *     reads what the first wrote
     * @param values the caches' values, with the same shapes and uses as {@code keys}
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
     * @param qkNorm none, or the norm of queries and keys: head, head_each or all, as in {@link Kernels#normHeads}
     * @param scoreCap cap of the scores, as in {@link Kernels#capped}; infinite for none
     * @param branches serial, parallel or parallel_one_norm
     * @param residualScale multiplies the outputs of attention and MLP before they are added to x
     * @param activation gelu_tanh, gelu, relu, relu_squared, swiglu or geglu_tanh
     * @param windows for each layer, how many tokens a token attends to
     * @param tables for each layer, cos and sin of the rotary positions, (context, d) each, where d channels of a head are rotated; (0) if
     *     the layer has no rotary positions
     */
    public record Blocks(int heads, int kvHeads, double queryFactor, String qkNorm, double scoreCap, Kernels.NormKind norm, String branches,
                         double residualScale, String activation, int[] windows, KernelList tables) {}
}
