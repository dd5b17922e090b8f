package inkling.engine;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.util.List;

/**
 * The tensor functions that DJL lacks, e.g. fused attention, cross-entropy, tanh GELU, and gradients as values. They are methods of the
 * TorchScript files in {@code kernels/}. DJL's own libtorch runs them, with autograd. Several threads may call them at the same time.
 * {@link UpdateKernels} has the functions that change parameters; {@link DecodeKernel} computes one new token of each sequence.
 *
 * <p>A result joins the manager of the <em>first</em> array that is passed: put the activation first and the parameter second.
 * Shapes: B batch, T time, C width, V vocabulary, nh heads, hs head size.
 */
public final class Kernels {
    static final KernelModule MODULE = KernelModule.load(Devices.baseManager().newSubManager(Device.cpu()));

    private Kernels() {}

    /**
     * x W + b: (…, in) × (in, out) + (out) → (…, out), float32. W is stored as (in, out), as in GPT-2, or {@link DecodeKernel#packed}. If
     * W is in {@link #bf16}, x is rounded to bfloat16, too.
     *
     * <p>Two libraries compute float32 products on a CPU, and their results differ in the last bits. While gradients are recorded, MKL
     * computes this product and {@link #unembed}. Otherwise oneDNN computes both if libtorch has oneDNN, with one exception: MKL
     * multiplies a single row by W if {@code in} is a multiple of 8. Only oneDNN multiplies by a packed W.
     */
    public static NDArray linear(NDArray x, NDArray w, NDArray b) {
        return MODULE.array("linear", x, w, b);
    }

    /** x W: (…, in) × (in, out) → (…, out). */
    public static NDArray linear(NDArray x, NDArray w) {
        return MODULE.array("linear", x, w);
    }

    /**
     * x W + b as {@link #linear}, but autograd does not record this product: the result is a leaf. So oneDNN may compute float32 products
     * on a CPU even while gradients are recorded. {@link #gradients(NDArray, NDArray, List, List)} carries the gradient of that leaf on to
     * x, W and b. The result, the bias and all gradients of parameters are float32.
     *
     * @param w (in, out), of the type of x: float32 or {@link #bf16}
     * @param b (out), or an empty array (0) for no bias
     */
    public static Linear linearLeaf(NDArray x, NDArray w, NDArray b) {
        return new Linear(x, w, b, MODULE.array("linear_leaf", x, w, b));
    }

    /** {@code x} rounded to bfloat16; x itself if it is bfloat16. Use the result only in matrix products, to make them faster. */
    public static NDArray bf16(NDArray x) {
        return MODULE.array("bf16", x);
    }

    /** Copies in bfloat16, for products; {@link UpdateKernels#copyAll} refreshes them. Java code must not read or print these arrays. */
    public static NDList bf16Copies(List<NDArray> arrays) {
        return MODULE.arrays("bf16_copies", arrays);
    }

    /** x Wᵀ: (…, in) × (out, in) → (…, out), for a weight that is stored as in PyTorch's linear layers. */
    public static NDArray linearTransposed(NDArray x, NDArray w) {
        return MODULE.array("linear_transposed", x, w);
    }

    /** Logits x Wᵀ: (…, C) × (V, C) → (…, V). */
    public static NDArray unembed(NDArray x, NDArray w) {
        return MODULE.array("unembed", x, w);
    }

    /** Looks up the ids' rows of a table: (B, T), (V, C) → (B, T, C). */
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
     * Normalises queries or keys (B, n, T, hs), without a bias.
     *
     * @param over what is normalised together:
     *     <ul>
     *     <li>{@code head}: the channels of each head; all heads share one weight (hs)
     *     <li>{@code head_each}: the channels of each head; the weight (n · hs) has a part for each head
     *     <li>{@code all}: all heads of a token, with a weight (n · hs)
     *     </ul>
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

    /** An activation with a gate, e.g. {@code swiglu}: up and gate (…) → (…). */
    public static NDArray activate(String name, NDArray up, NDArray gate) {
        return MODULE.array("activate", name, up, gate);
    }

    /** Zeroes each element with probability {@code p}, and scales the rest by 1 / (1 − p). Draws from torch's process-wide generator. */
    public static NDArray dropout(NDArray x, double p) {
        return MODULE.array("dropout", x, p);
    }

    /**
     * {@code factor · x}; x itself for factor 1. Do not record {@code NDArray.mul(Number)} instead: autograd would keep the factor in the
     * memory of a Java buffer. The garbage collector may free that buffer before the backward pass reads it.
     */
    public static NDArray scaled(NDArray x, double factor) {
        return factor == 1 ? x : MODULE.array("scaled", x, factor);
    }

    /**
     * Rotary positions for queries or keys x (B, n, T, hs): rotates the channel pairs (i, i + d/2) for i &lt; d/2. Row {@code start + t} of
     * cos and sin (context, d) has the angles for token t. The channels from d on stay as they are.
     */
    public static NDArray rope(NDArray x, NDArray cos, NDArray sin, int start) {
        return MODULE.array("rope", x, cos, sin, start);
    }

    /** Splits (B, T, (nh + 2 n_kv) · hs) into views: q (B, nh, T, hs), k and v (B, n_kv, T, hs). */
    public static NDList splitHeads(NDArray qkv, int heads, int kvHeads) {
        return MODULE.arrays("split_heads", qkv, heads, kvHeads);
    }

    /** Repeats each head {@code times} times, for grouped-query attention: (B, n, T, hs) → (B, n · times, T, hs). Copies are neighbours. */
    public static NDArray repeatHeads(NDArray x, int times) {
        return times == 1 ? x : MODULE.array("repeat_heads", x, times);
    }

    /** Puts the heads side by side: (B, nh, T, hs) → (B, T, nh · hs). */
    public static NDArray mergeHeads(NDArray x) {
        return MODULE.array("merge_heads", x);
    }

    /** {@code cap · tanh(x / cap)}, which is within ±cap, and nearly x for small x. Returns x itself if {@code cap} is infinite. */
    public static NDArray capped(NDArray x, double cap) {
        return cap == Double.POSITIVE_INFINITY ? x : MODULE.array("capped", x, cap);
    }

    /**
     * Causal attention, softmax(q kᵀ / √hs) v: q, k and v, each (B, nh, T, hs) → (B, T, nh · hs). If {@code dropout} is 0 and the scores
     * have no cap, no array of scores (T, T) is made.
     */
    public static NDArray attention(NDArray q, NDArray k, NDArray v, Scores scores, double dropout) {
        return MODULE.array("attention", q, k, v, scores.window(), scores.cap(), dropout);
    }

    /** As {@link #attention}, for a model with products in bfloat16: on CUDA it computes in bfloat16, too. The result is float32. */
    public static NDArray attentionBf16(NDArray q, NDArray k, NDArray v, Scores scores, double dropout) {
        return MODULE.array("attention_bf16", q, k, v, scores.window(), scores.cap(), dropout);
    }

    /** The causal attention pattern: q and k (B, nh, T, hs) → (B, nh, T, T). Each row sums to 1. */
    public static NDArray attentionPattern(NDArray q, NDArray k, Scores scores) {
        return MODULE.array("attention_pattern", q, k, scores.window(), scores.cap());
    }

    /**
     * Writes k and v into the caches from position {@code start} on, in place, then computes causal attention of q over the caches.
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

    /** The mean of −ln p(target) over all targets except −1: (B, T, V), (B, T) → (). */
    public static NDArray crossEntropy(NDArray logits, NDArray targets) {
        return MODULE.array("cross_entropy", logits, targets);
    }

    /** −ln p(target) at each place, 0 where the target is −1: (B, T, V), (B, T) → (B, T). */
    public static NDArray crossEntropyEach(NDArray logits, NDArray targets) {
        return MODULE.array("cross_entropy_each", logits, targets);
    }

    /**
     * Unembedding and cross-entropy with their gradients in one pass. Memory holds logits of only {@code rows} tokens at a time.
     * Autograd must not record.
     *
     * @param y (B, T, C), normalised
     * @param w (V, C)
     * @param targets int64 (B, T); −1 is ignored
     * @param weight the factor of each target's loss; 1 / the number of targets gives the mean
     * @param learn whether {@code w} is trained
     * @param cap of the logits, as in {@link #capped}
     * @return the loss (), its gradient with respect to y, and to w if {@code learn}; in y's manager
     */
    public static NDList unembeddingLoss(NDArray y, NDArray w, NDArray targets, double weight, int rows, boolean learn, double cap) {
        return MODULE.arrays("unembedding_loss", y, w, targets, weight, rows, learn, cap);
    }

    /**
     * How likely each target is. Memory holds the logits of only {@code rows} tokens at a time; ignored targets get none.
     *
     * @param y (B, T, C), normalised
     * @param w (V, C)
     * @param targets int64 (B, T); −1 is ignored
     * @param cap of the logits, as in {@link #capped}
     * @return two arrays (B, T), both 0 where ignored: ln p(target); and 1 where no token is likelier than the target, else 0
     */
    public static NDList targetScores(NDArray y, NDArray w, NDArray targets, int rows, double cap) {
        return MODULE.arrays("target_scores", y, w, targets, rows, cap);
    }

    /**
     * The gradient of Σ slopes[b] · ln p(target), a sum over all sequences b and the targets of each. Memory and the other parameters are
     * as in {@link #targetScores}. Autograd must not record.
     *
     * @param slopes (B)
     * @param learn whether {@code w} is trained
     * @return the gradient with respect to y, and to w if {@code learn}; in y's manager
     */
    public static NDList targetGradients(NDArray y, NDArray w, NDArray targets, NDArray slopes, int rows, boolean learn, double cap) {
        return MODULE.arrays("target_gradients", y, w, targets, slopes, rows, learn, cap);
    }

    /** Adds each row to the table's row of its id, in place, as the gradient of a lookup needs: (V, C), ids (B, T), rows (B, T, C). */
    public static void addRows(NDArray table, NDArray ids, NDArray rows) {
        MODULE.run("add_rows", table, ids, rows);
    }

    /** ∂y/∂p of a number y () for each parameter p, as new arrays in y's manager. Frees the graph that autograd recorded for y. */
    public static NDList gradients(NDArray y, List<NDArray> parameters) {
        return MODULE.arrays("gradients", y, parameters);
    }

    /**
     * The vector–Jacobian products dyᵀ ∂y/∂p of a part of the model whose {@link #linearLeaf linear layers} autograd does not record.
     * Autograd goes back from y to the output of the last linear layer. This function computes the gradients of that layer. Then autograd
     * goes on from the layer's input, and so on to the first layer. The results are in y's manager, not recorded by autograd.
     *
     * @param parameters the parameters of all other operations
     * @param linears the linear layers, in the order in which they were computed
     * @return one gradient for each parameter, (0) if y does not depend on it. Then follow the gradients of each linear layer's weight and
     *     bias, (0) for one that is not trained
     */
    public static NDList gradients(NDArray y, NDArray dy, List<NDArray> parameters, List<Linear> linears) {
        return MODULE.arrays("gradients_across", y, dy, parameters, linears.stream().map(Linear::x).toList(),
            linears.stream().map(Linear::w).toList(), linears.stream().map(Linear::b).toList(), linears.stream().map(Linear::y).toList());
    }

    /**
     * A training step's three products of one layer, x W, dy Wᵀ and xᵀ dy, for measuring: x (n, in), w (in, out), dy (n, out).
     * docs/decisions/0007 says which library computes which product, and why.
     */
    public static NDList linearProducts(NDArray x, NDArray w, NDArray dy) {
        return MODULE.arrays("linear_products", x, w, dy);
    }

    /**
     * Computes one product of a linear layer by a chosen library, for measuring.
     *
     * @param kind {@code forward}: a (n, in), b (in, out); {@code input}: a (n, out), b (in, out); {@code weight}: a (n, in), b (n, out)
     * @param library {@code mkl}, {@code onednn} or {@code bf16}; for {@code bf16}, b must be in {@link #bf16} already if b is the weight
     */
    public static NDArray product(String kind, String library, NDArray a, NDArray b) {
        return MODULE.array("one_product", kind, library, a, b);
    }

    /** A linear layer y = x W + b whose result y is a leaf for autograd; {@code b} is (0) if the layer has no bias. */
    public record Linear(NDArray x, NDArray w, NDArray b, NDArray y) {}
}
