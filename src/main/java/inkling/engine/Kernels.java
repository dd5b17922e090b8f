package inkling.engine;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.List;

/**
 * The tensor functions that DJL lacks (fused attention, cross-entropy, tanh GELU, gradients as values …): methods of the TorchScript
 * files in {@code kernels/}, run by the same libtorch, with autograd. Any number of threads may call them at once. Functions that change
 * parameters are in {@link UpdateKernels}; {@link DecodeKernel} computes a single token.
 *
 * <p>A result joins the manager of the <em>first</em> argument: put the activation first and the parameter second.
 * Shapes: B batch, T time, C width, V vocabulary, nh heads, hs head size.
 */
public final class Kernels {
    static final KernelModule MODULE = KernelModule.load(Devices.baseManager().newSubManager(Device.cpu()));

    private Kernels() {}

    /**
     * x W + b: (…, in) × (in, out) + (out) → (…, out); W stored (in, out), as GPT-2 stores it. On a CPU, while no gradients are recorded,
     * oneDNN computes this product and that of {@link #unembed} if libtorch has it, except that MKL multiplies a single row by W. While
     * gradients are recorded, MKL computes both. The two libraries differ in the last bits. With a weight in {@link #bf16}, x is rounded
     * to bfloat16, too. All functions that take a weight return float32.
     */
    public static NDArray linear(NDArray x, NDArray w, NDArray b) {
        return MODULE.array("linear", x, w, b);
    }

    /** x W: (…, in) × (in, out) → (…, out). */
    public static NDArray linear(NDArray x, NDArray w) {
        return MODULE.array("linear", x, w);
    }

    /**
     * x W + b as {@link #linear}, computed by oneDNN on a CPU. Autograd does not see how it was computed: the result is a leaf.
     * {@link #gradients(NDArray, NDArray, List, List)} takes the gradient at that leaf and carries it on to x, W and b. {@code b} is an
     * empty array (0) for none. x and W are both float32 or both {@link #bf16}; the result, the bias and all gradients of parameters are
     * float32.
     */
    public static Linear linearLeaf(NDArray x, NDArray w, NDArray b) {
        return new Linear(x, w, b, MODULE.array("linear_leaf", x, w, b));
    }

    /** {@code x} rounded to bfloat16; x itself if it is bfloat16. Such an array is for matrix products alone, which are faster with it. */
    public static NDArray bf16(NDArray x) {
        return MODULE.array("bf16", x);
    }

    /** Copies in bfloat16, for products; {@link UpdateKernels#copyAll} refreshes them. Nothing in Java may read or print such an array. */
    public static NDList bf16Copies(List<NDArray> arrays) {
        return MODULE.arrays("bf16_copies", arrays);
    }

    /** x Wᵀ: (…, in) × (out, in) → (…, out), for a weight stored as PyTorch's linear layers store theirs. */
    public static NDArray linearTransposed(NDArray x, NDArray w) {
        return MODULE.array("linear_transposed", x, w);
    }

    /** Logits x Wᵀ: (…, C) × (V, C) → (…, V). */
    public static NDArray unembed(NDArray x, NDArray w) {
        return MODULE.array("unembed", x, w);
    }

    /** Rows of the table: ids (B, T) into (V, C) → (B, T, C). */
    public static NDArray embedding(NDArray ids, NDArray table) {
        return MODULE.array("embedding", ids, table);
    }

    /**
     * LayerNorm (Ba et al. 2016, arXiv:1607.06450) or RMSNorm over the last axis.
     *
     * @param weight (C)
     */
    public static NDArray norm(NDArray x, NDArray weight, NormKind kind) {
        return MODULE.array("norm", x, weight, kind.eps(), kind.rms(), kind.onePlus());
    }

    /** As {@link #norm(NDArray, NDArray, NormKind)}, plus a bias (C); not for RMSNorm. */
    public static NDArray norm(NDArray x, NDArray weight, NDArray bias, NormKind kind) {
        return MODULE.array("norm", x, weight, kind.eps(), kind.rms(), kind.onePlus(), bias);
    }

    /**
     * Queries or keys (B, n, T, hs), normalised without a bias.
     *
     * @param over {@code head}: the channels of each head, weight (hs); {@code head_each}: likewise, but weight (n · hs) has a part for
     *     each head; {@code all}: all heads of a token, weight (n · hs)
     */
    public static NDArray normHeads(NDArray x, String over, NDArray weight, NormKind kind) {
        return MODULE.array("norm_heads", x, over, weight, kind.eps(), kind.rms(), kind.onePlus());
    }

    /**
     * How vectors are normalised.
     *
     * @param eps added to the variance or mean square
     * @param rms RMSNorm (Zhang and Sennrich 2019, arXiv:1910.07467) instead of LayerNorm
     * @param onePlus whether the vectors are multiplied by 1 + weight instead of weight
     */
    public record NormKind(double eps, boolean rms, boolean onePlus) {}

    /** An MLP's activation without a gate, by its name in {@code activate} of {@code nn.py}, e.g. {@code gelu}: (…) → (…). */
    public static NDArray activate(String name, NDArray up) {
        return MODULE.array("activate", name, up);
    }

    /** An activation with a gate, e.g. {@code swiglu}: (…) twice → (…). */
    public static NDArray activate(String name, NDArray up, NDArray gate) {
        return MODULE.array("activate", name, up, gate);
    }

    /** Zeroes each element with probability {@code p}, scales the rest by 1 / (1 − p); draws from torch's generator. */
    public static NDArray dropout(NDArray x, double p) {
        return MODULE.array("dropout", x, p);
    }

    /**
     * {@code factor · x}; x itself for factor 1. Safe where autograd records it: with {@code NDArray.mul(Number)}, autograd would keep the
     * factor in the memory of a Java buffer, which the garbage collector may have freed when the backward pass reads it.
     */
    public static NDArray scaled(NDArray x, double factor) {
        return factor == 1 ? x : MODULE.array("scaled", x, factor);
    }

    /**
     * Rotary positions: rotates the channel pairs (i, i + d/2), i &lt; d/2, of (B, nh, T, hs), token t by row {@code start + t} of cos and
     * sin (context, d). The channels from d on stay as they are.
     */
    public static NDArray rope(NDArray x, NDArray cos, NDArray sin, int start) {
        return MODULE.array("rope", x, cos, sin, start);
    }

    /** Views of the queries (B, nh, T, hs), keys and values (B, n_kv, T, hs): (B, T, (nh + 2 n_kv) · hs) → q, k, v. */
    public static NDList splitHeads(NDArray qkv, int heads, int kvHeads) {
        return MODULE.arrays("split_heads", qkv, heads, kvHeads);
    }

    /** Each head {@code times} times in a row, for grouped-query attention: (B, n, T, hs) → (B, n · times, T, hs). */
    public static NDArray repeatHeads(NDArray x, int times) {
        return times == 1 ? x : MODULE.array("repeat_heads", x, times);
    }

    /** (B, nh, T, hs) → (B, T, nh · hs). */
    public static NDArray mergeHeads(NDArray x) {
        return MODULE.array("merge_heads", x);
    }

    /** {@code cap · tanh(x / cap)}: within ±cap, and nearly x for small x; x itself if {@code cap} is infinite. */
    public static NDArray capped(NDArray x, double cap) {
        return cap == Double.POSITIVE_INFINITY ? x : MODULE.array("capped", x, cap);
    }

    /**
     * Causal attention, softmax(q kᵀ / √hs) v: (B, nh, T, hs) thrice → (B, T, nh · hs). It needs no (T, T) array of scores when
     * {@code dropout} is 0 and the scores have no cap.
     */
    public static NDArray attention(NDArray q, NDArray k, NDArray v, Scores scores, double dropout) {
        return MODULE.array("attention", q, k, v, scores.window(), scores.cap(), dropout);
    }

    /** As {@link #attention}, for a model with products in bfloat16: on CUDA, attention is in bfloat16 too. The result is float32. */
    public static NDArray attentionBf16(NDArray q, NDArray k, NDArray v, Scores scores, double dropout) {
        return MODULE.array("attention_bf16", q, k, v, scores.window(), scores.cap(), dropout);
    }

    /** The causal attention pattern: q and k (B, nh, T, hs) → (B, nh, T, T). Each row sums to 1. */
    public static NDArray attentionPattern(NDArray q, NDArray k, Scores scores) {
        return MODULE.array("attention_pattern", q, k, scores.window(), scores.cap());
    }

    /**
     * Writes k and v to positions {@code start … start + t − 1} of the caches, in place, and computes causal attention over all positions
     * up to there.
     *
     * @param q (B, nh, t, hs)
     * @param k (B, n_kv, t, hs), as {@code v}
     * @param keys (B, n_kv, capacity, hs), as {@code values}
     * @return (B, t, nh · hs)
     */
    public static NDArray cachedAttention(NDArray q, NDArray k, NDArray v, NDArray keys, NDArray values, int start, Scores scores) {
        return MODULE.array("cached_attention", q, k, v, keys, values, start, scores.window(), scores.cap());
    }

    /**
     * Which scores count in attention, and how much.
     *
     * @param window how many tokens a token attends to: itself and those just before it
     * @param cap of the scores, as in {@link #capped}
     */
    public record Scores(int window, double cap) {
        /** No window and no cap. */
        public static final Scores ALL = new Scores(Integer.MAX_VALUE, Double.POSITIVE_INFINITY);
    }

    /** Mean −ln p(target) over targets other than −1: (B, T, V), (B, T) → (). */
    public static NDArray crossEntropy(NDArray logits, NDArray targets) {
        return MODULE.array("cross_entropy", logits, targets);
    }

    /** −ln p(target) at each place, 0 where the target is −1: (B, T, V), (B, T) → (B, T). */
    public static NDArray crossEntropyEach(NDArray logits, NDArray targets) {
        return MODULE.array("cross_entropy_each", logits, targets);
    }

    /**
     * Unembedding and cross-entropy with their gradients in one pass, holding the logits of only {@code rows} tokens at a time.
     *
     * @param y (B, T, C), normalised
     * @param w (V, C)
     * @param targets int64 (B, T); −1 is ignored
     * @param weight of each target's loss; 1 / the number of targets gives the mean
     * @param learn whether {@code w} is trained
     * @param cap of the logits, as in {@link #capped}
     * @return loss (), its gradient with respect to y, and to w if {@code learn}; in y's manager, nothing is recorded
     */
    public static NDList unembeddingLoss(NDArray y, NDArray w, NDArray targets, double weight, int rows, boolean learn,
                                         double cap) {
        return MODULE.arrays("unembedding_loss", y, w, targets, weight, rows, learn, cap);
    }

    /**
     * How likely each target is, holding the logits of only {@code rows} tokens at a time, and no logits of ignored targets.
     *
     * @param y (B, T, C), normalised
     * @param w (V, C)
     * @param targets int64 (B, T); −1 is ignored
     * @param cap of the logits, as in {@link #capped}
     * @return ln p(target) (B, T), 0 where ignored; 1 where no other token is likelier than the target, else 0 (B, T)
     */
    public static NDList targetScores(NDArray y, NDArray w, NDArray targets, int rows, double cap) {
        return MODULE.arrays("target_scores", y, w, targets, rows, cap);
    }

    /**
     * The gradient of Σ slopes[b] · ln p(target) over all targets of all rows b; the other arguments are as in {@link #targetScores}.
     *
     * @param slopes (B)
     * @param learn whether {@code w} is trained
     * @return the gradient with respect to y, and to w if {@code learn}; in y's manager, nothing is recorded
     */
    public static NDList targetGradients(NDArray y, NDArray w, NDArray targets, NDArray slopes, int rows, boolean learn, double cap) {
        return MODULE.arrays("target_gradients", y, w, targets, slopes, rows, learn, cap);
    }

    /** table[id] += row for each id, in place: the gradient of a lookup. (V, C), (B, T), (B, T, C). */
    public static void addRows(NDArray table, NDArray ids, NDArray rows) {
        MODULE.run("add_rows", table, ids, rows);
    }

    /** ∂y/∂p for each parameter p, as new arrays in y's manager; y is a number, (). Frees the graph that autograd recorded for y. */
    public static NDList gradients(NDArray y, List<NDArray> parameters) {
        return MODULE.arrays("gradients", y, parameters);
    }

    /**
     * The vector–Jacobian products dyᵀ ∂y/∂p of a part of the model with {@link #linearLeaf linear layers} that autograd does not record.
     * Backwards from y, autograd finds the gradients up to the last linear layer, this function computes the gradients of that layer, and
     * so on to the first. The results are in y's manager; nothing is recorded.
     *
     * @param parameters of all other operations; the gradient is an empty array (0) for a parameter that y does not depend on
     * @param linears the linear layers, in the order in which they were computed
     * @return one gradient for each parameter, then those of each linear layer's weight and bias; (0) where none is needed
     */
    public static NDList gradients(NDArray y, NDArray dy, List<NDArray> parameters, List<Linear> linears) {
        return MODULE.arrays("gradients_across", y, dy, parameters, linears.stream().map(Linear::x).toList(),
            linears.stream().map(Linear::w).toList(), linears.stream().map(Linear::b).toList(), linears.stream().map(Linear::y).toList());
    }

    /**
     * A training step's three products of one layer, x W, dy Wᵀ and xᵀ dy, for measuring: (n, in), (in, out), (n, out). Which library
     * computes which, and why: docs/decisions/0007.
     */
    public static NDList linearProducts(NDArray x, NDArray w, NDArray dy) {
        return MODULE.arrays("linear_products", x, w, dy);
    }

    /**
     * One product of a linear layer by a chosen library, for measuring.
     *
     * @param kind {@code forward}: a (n, in), b (in, out); {@code input}: a (n, out), b (in, out); {@code weight}: a (n, in), b (n, out)
     * @param library {@code mkl}, {@code onednn} or {@code bf16}; for bf16, b must be in {@link #bf16} already if it is the weight
     */
    public static NDArray product(String kind, String library, NDArray a, NDArray b) {
        return MODULE.array("one_product", kind, library, a, b);
    }

    /** A linear layer y = x W + b whose result y is a leaf for autograd; {@code b} is (0) for none. */
    public record Linear(NDArray x, NDArray w, NDArray b, NDArray y) {}
}
