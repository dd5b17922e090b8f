package inkling.engine;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * All blocks of the model in one call, for a single new token, whose work would be less than that of a dozen calls a layer; and its
 * products with matrices in strips, which a row can be multiplied with as fast as memory is read (docs/decisions/0009).
 */
public final class DecodeKernel {
    /** Columns of a strip: as many sums as MKL's row product holds in registers while it reads on without a jump. */
    public static final int STRIP = 32;

    private DecodeKernel() {}

    /** The columns of w (in, out) in strips of {@link #STRIP} that lie one after the other: (⌈out / 32⌉, in, 32), the last filled up with 0. */
    public static NDArray inStrips(NDArray w) {
        return Kernels.call("in_strips", w, Kernels.scalar(STRIP));
    }

    /** Logits (B, 1, V) of x (B, 1, C) by the unembedding (C, V) in strips. */
    public static NDArray unembed(NDArray x, NDArray strips, int vocabSize) {
        return Kernels.call("unembed_strips", x, strips, Kernels.scalar(vocabSize));
    }

    /**
     * One token of each sequence through all blocks; see {@code inkling.model.DecodeStep}. No gradients.
     *
     * @param x (B, 1, C), at position {@code start}
     * @param weights 14 a layer: weight and bias of ln_1, attn.c_attn, attn.c_proj, ln_2, mlp.c_fc, mlp.c_gate, mlp.c_proj; (0) for none;
     *     a matrix (in, out), or in strips where they come out even
     * @param keys one a layer, (B, n_kv, capacity, hs), written at {@code start}, as {@code values}
     * @return (B, 1, C)
     */
    public static NDArray blocks(NDArray x, int start, Blocks blocks, List<NDArray> weights, List<NDArray> keys, List<NDArray> values) {
        NDList arguments = new NDList(x, Kernels.scalar(start), Kernels.scalar(blocks.heads()), Kernels.scalar(blocks.kvHeads()),
            Kernels.scalar(blocks.eps()), Kernels.scalar(blocks.rmsNorm() ? 1 : 0), Kernels.scalar(blocks.activation()), blocks.cos(), blocks.sin());
        Map<String, List<NDArray>> lists = new LinkedHashMap<>(Kernels.lists("w[]", weights, "k[]", keys));
        lists.put("v[]", values);
        return Kernels.call("decode", arguments, lists).singletonOrThrow();
    }

    /** What all blocks share. {@code activation}: gelu_tanh, gelu, relu, relu_squared, swiglu from 0; cos and sin (0) without rope. */
    public record Blocks(int heads, int kvHeads, double eps, boolean rmsNorm, int activation, NDArray cos, NDArray sin) {}
}
