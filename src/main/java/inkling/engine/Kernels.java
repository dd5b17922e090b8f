package inkling.engine;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The tensor functions that DJL lacks (fused attention, cross-entropy, tanh GELU, fused AdamW, gradients as values …): methods of
 * the TorchScript module {@code kernels.py}, run by the same libtorch, with autograd.
 *
 * <p>A result joins the manager of the <em>first</em> argument: put the activation first and the parameter second.
 * Shapes: B batch, T time, C width, V vocabulary, nh heads, hs head size.
 */
public final class Kernels {
    private static final NDManager MANAGER = Devices.baseManager().newSubManager(Device.cpu());
    private static final KernelModule MODULE = KernelModule.load(MANAGER);
    private static final Map<Double, NDArray> SCALARS = new ConcurrentHashMap<>();
    private static final Map<String, NDArray> METHODS = new ConcurrentHashMap<>();

    private Kernels() {}

    /**
     * x W + b: (…, in) × (in, out) + (out) → (…, out); W stored (in, out), as GPT-2 stores it. Where no gradients are recorded this is
     * oneDNN's on a CPU, as are the logits of {@link #unembed}; the numbers differ in the last bits.
     */
    public static NDArray linear(NDArray x, NDArray w, NDArray b) {
        return call("linear", x, w, b);
    }

    /** x W: (…, in) × (in, out) → (…, out). */
    public static NDArray linear(NDArray x, NDArray w) {
        return call("linear_no_bias", x, w);
    }

    /**
     * x W + b as {@link #linear}, by oneDNN on a CPU, which autograd takes for a leaf: it records nothing before it, and finds its
     * gradient for {@link #gradients(NDArray, NDArray, List, List)} to go on from. {@code b} (0) for none.
     */
    public static Linear linearLeaf(NDArray x, NDArray w, NDArray b) {
        return new Linear(x, w, b, call("linear_leaf", x, w, b));
    }

    /** x Wᵀ: (…, in) × (out, in) → (…, out), for a weight stored as PyTorch's linear layers store theirs. */
    public static NDArray linearTransposed(NDArray x, NDArray w) {
        return call("linear_transposed", x, w);
    }

    /** Logits x Wᵀ: (…, C) × (V, C) → (…, V). */
    public static NDArray unembed(NDArray x, NDArray w) {
        return call("unembed", x, w);
    }

    /** Rows of the table: ids (B, T) into (V, C) → (B, T, C). */
    public static NDArray embedding(NDArray ids, NDArray table) {
        return call("embedding", ids, table);
    }

    /** LayerNorm over the last axis (Ba et al. 2016, arXiv:1607.06450). */
    public static NDArray layerNorm(NDArray x, NDArray weight, NDArray bias, double eps) {
        return call("layer_norm", x, weight, bias, scalar(eps));
    }

    /** LayerNorm without a bias. */
    public static NDArray layerNorm(NDArray x, NDArray weight, double eps) {
        return call("layer_norm_no_bias", x, weight, scalar(eps));
    }

    /** RMSNorm over the last axis (Zhang and Sennrich 2019, arXiv:1910.07467). */
    public static NDArray rmsNorm(NDArray x, NDArray weight, double eps) {
        return call("rms_norm", x, weight, scalar(eps));
    }

    /** GELU in the tanh form that GPT-2 was trained with (Hendrycks and Gimpel 2016, arXiv:1606.08415). */
    public static NDArray geluTanh(NDArray x) {
        return call("gelu_tanh", x);
    }

    /** Exact GELU, x Φ(x). */
    public static NDArray gelu(NDArray x) {
        return call("gelu", x);
    }

    public static NDArray relu(NDArray x) {
        return call("relu", x);
    }

    /** max(x, 0)² (So et al. 2021, arXiv:2109.08668). */
    public static NDArray reluSquared(NDArray x) {
        return call("relu_squared", x);
    }

    /** silu(gate) · up (Shazeer 2020, arXiv:2002.05202). */
    public static NDArray swiglu(NDArray up, NDArray gate) {
        return call("swiglu", up, gate);
    }

    /** Zeroes each element with probability {@code p}, scales the rest by 1 / (1 − p); draws from torch's generator. */
    public static NDArray dropout(NDArray x, double p) {
        return call("dropout", x, scalar(p));
    }

    /**
     * {@code factor · x}, also where autograd records it: it reads the factor again in the backward pass. {@code NDArray.mul(Number)}
     * would give it memory of a Java buffer, which the garbage collector may have freed by then.
     */
    public static NDArray scaled(NDArray x, double factor) {
        return x.mul(scalar(factor));
    }

    /** Turns half-split pairs (i, i + hs/2) of (B, nh, T, hs) by rows {@code start} … of cos and sin (context, hs). */
    public static NDArray rope(NDArray x, NDArray cos, NDArray sin, int start) {
        return call("rope", x, cos, sin, scalar(start));
    }

    /** Views of the queries (B, nh, T, hs), keys and values (B, n_kv, T, hs): (B, T, (nh + 2 n_kv) · hs) → q, k, v. */
    public static NDList splitHeads(NDArray qkv, int heads, int kvHeads) {
        return call("split_heads", new NDList(qkv, scalar(heads), scalar(kvHeads)), Map.of());
    }

    /** Each head {@code times} times in a row, for grouped-query attention: (B, n, T, hs) → (B, n · times, T, hs). */
    public static NDArray repeatHeads(NDArray x, int times) {
        return times == 1 ? x : call("repeat_heads", x, scalar(times));
    }

    /** (B, nh, T, hs) → (B, T, nh · hs). */
    public static NDArray mergeHeads(NDArray x) {
        return call("merge_heads", x);
    }

    /** Fused causal attention, softmax(q kᵀ / √hs) v, without a (T, T) array when {@code dropout} is 0: (B, nh, T, hs) thrice → (B, T, nh · hs). */
    public static NDArray attention(NDArray q, NDArray k, NDArray v, double dropout) {
        return call("attention", q, k, v, scalar(dropout));
    }

    /** The causal pattern itself, each row sums to 1: (B, nh, T, hs) twice → (B, nh, T, T). */
    public static NDArray attentionPattern(NDArray q, NDArray k) {
        return call("attention_pattern", q, k);
    }

    /**
     * Writes k and v at position {@code start} of the caches, in place, and attends to everything up to there.
     *
     * @param q (B, nh, t, hs)
     * @param k (B, n_kv, t, hs), as {@code v}
     * @param keys (B, n_kv, capacity, hs), as {@code values}
     * @return (B, t, nh · hs)
     */
    public static NDArray cachedAttention(NDArray q, NDArray k, NDArray v, NDArray keys, NDArray values, int start) {
        return call("cached_attention", q, k, v, keys, values, scalar(start));
    }

    /** Mean −ln p(target) over targets other than −1: (B, T, V), (B, T) → (). */
    public static NDArray crossEntropy(NDArray logits, NDArray targets) {
        return call("cross_entropy", logits, targets);
    }

    /** −ln p(target) at each place, 0 where the target is −1: (B, T, V), (B, T) → (B, T). */
    public static NDArray crossEntropyEach(NDArray logits, NDArray targets) {
        return call("cross_entropy_each", logits, targets);
    }

    /**
     * Unembedding and cross-entropy with their gradients in one pass, holding the logits of only {@code rows} tokens at a time.
     *
     * @param y (B, T, C), normalised
     * @param w (V, C)
     * @param targets int64 (B, T); −1 is ignored
     * @param weight of each target: 1 / their number gives the mean
     * @param learn whether {@code w} is trained
     * @return loss (), its gradient by y, and by w if {@code learn}; in y's manager, no graph kept
     */
    public static NDList unembeddingLoss(NDArray y, NDArray w, NDArray targets, double weight, int rows, boolean learn) {
        return call("unembedding_loss", new NDList(y, w, targets, number(y.getManager(), weight), scalar(rows), scalar(learn ? 1 : 0)), Map.of());
    }

    /** table[id] += row for each id, in place: the gradient of a lookup. (V, C), (B, T), (B, T, C). */
    public static void addRows(NDArray table, NDArray ids, NDArray rows) {
        call("add_rows", table, ids, rows).close();
    }

    /** ∂y/∂p for each p, as new arrays in y's manager; y is a number. Frees the graph behind y. */
    public static NDList gradients(NDArray y, List<NDArray> parameters) {
        return call("gradients", new NDList(y), Map.of("p[]", parameters));
    }

    /**
     * The vector–Jacobian products dyᵀ ∂y/∂p of a stretch whose {@link #linearLeaf linear layers} autograd does not see through: it goes
     * from the end to the last of them, theirs is computed here, and so on to the first. In y's manager; no gradients are recorded.
     *
     * @param parameters what lies between the linears or before them; (0) is found for one that is not reached
     * @param linears of the stretch, in the order in which they were computed; no array may be in two places of these lists
     * @return one for each parameter, then weight's and bias's of each linear, (0) where it wants none
     */
    public static NDList gradients(NDArray y, NDArray dy, List<NDArray> parameters, List<Linear> linears) {
        Map<String, List<NDArray>> lists = new LinkedHashMap<>();
        lists.put("p[]", parameters);
        lists.put("x[]", linears.stream().map(Linear::x).toList());
        lists.put("w[]", linears.stream().map(Linear::w).toList());
        lists.put("b[]", linears.stream().map(Linear::b).toList());
        lists.put("y[]", linears.stream().map(Linear::y).toList());
        return call("gradients_across", new NDList(y, dy), lists);
    }

    /**
     * A training step's three products of one layer, x W, dy Wᵀ and xᵀ dy, for measuring: (n, in), (in, out), (n, out). oneDNN has the
     * last only where the layer widens: it copies xᵀ for a result by rows, and MKL's was as fast for square layers (90 beside 87 GFLOP/s a
     * thread) and up to a tenth faster for those that narrow; the other way round oneDNN's would lie by columns (docs/decisions/0006).
     * MKL has the second for few rows of a width that is a multiple of 4 KB: 177 beside 137 GFLOP/s at 256 rows of 3,072.
     */
    public static NDList linearProducts(NDArray x, NDArray w, NDArray dy) {
        return call("linear_products", new NDList(x, w, dy), Map.of());
    }

    /** y = x W + b, where autograd has y as a leaf of its own; {@code b} (0) for none. */
    public record Linear(NDArray x, NDArray w, NDArray b, NDArray y) {}

    /** a += scale · b for each pair, in place. */
    public static void addAll(List<NDArray> a, List<NDArray> b, double scale) {
        call("add_all", new NDList(scalar(scale)), lists("a[]", a, "b[]", b)).close();
    }

    /** a ← b for each pair, in place. */
    public static void copyAll(List<NDArray> a, List<NDArray> b) {
        call("copy_all", new NDList(scalar(0)), lists("a[]", a, "b[]", b)).close();
    }

    /** √ of the sum of all squares, in the first array's manager. */
    public static NDArray globalNorm(List<NDArray> arrays) {
        return call("global_norm", new NDList(), Map.of("g[]", arrays)).singletonOrThrow();
    }

    /**
     * One fused AdamW update in place; gradients are divided by {@code divisor} () first; see {@code inkling.optim.AdamW}.
     * The fused function reads memory in order, whatever an array's strides, so gradients are laid out in rows first.
     */
    public static void adamw(AdamWStep step, NDArray divisor, List<NDArray> p, List<NDArray> g, List<NDArray> m, List<NDArray> v,
                             List<NDArray> steps) {
        Map<String, List<NDArray>> lists = new LinkedHashMap<>(lists("p[]", p, "g[]", g));
        lists.putAll(lists("m[]", m, "v[]", v));
        lists.put("s[]", steps);
        try (NDManager scope = MANAGER.newSubManager()) {
            call("adamw", new NDList(number(scope, step.learningRate()), scalar(step.beta1()), scalar(step.beta2()), scalar(step.weightDecay()),
                scalar(step.eps()), divisor), lists);
        }
    }

    /** The numbers of one AdamW update. */
    public record AdamWStep(double learningRate, double beta1, double beta2, double weightDecay, double eps) {}

    /** One Muon update of matrices of one shape, in place; {@code g} is overwritten; see {@code inkling.optim.Muon}. */
    public static void muon(MuonStep step, List<NDArray> p, List<NDArray> g, List<NDArray> momentum) {
        Map<String, List<NDArray>> lists = new LinkedHashMap<>(lists("p[]", p, "g[]", g));
        lists.put("b[]", momentum);
        try (NDManager scope = MANAGER.newSubManager()) {
            call("muon", new NDList(number(scope, step.learningRate()), scalar(step.momentum()), scalar(step.weightDecay()),
                number(scope, step.divisor())), lists);
        }
    }

    /** The numbers of one Muon update; gradients are divided by {@code divisor} first. */
    public record MuonStep(double learningRate, double momentum, double weightDecay, double divisor) {}

    static Map<String, List<NDArray>> lists(String a, List<NDArray> as, String b, List<NDArray> bs) {
        Map<String, List<NDArray>> lists = new LinkedHashMap<>();
        lists.put(a, as);
        lists.put(b, bs);
        return lists;
    }

    static NDArray call(String method, NDArray... arguments) {
        return call(method, new NDList(arguments), Map.of()).singletonOrThrow();
    }

    /** Lists travel as runs of arrays that share a name ending in []; the name is the array's state, so it is cleared again. */
    static NDList call(String method, NDList arguments, Map<String, List<NDArray>> lists) {
        lists.forEach((name, arrays) -> arrays.forEach(array -> {
            array.setName(name);
            arguments.add(array);
        }));
        arguments.add(METHODS.computeIfAbsent(method, Kernels::methodName));
        try {
            return MODULE.run(arguments);
        } finally {
            lists.values().forEach(arrays -> arrays.forEach(array -> array.setName(null)));
        }
    }

    private static NDArray methodName(String method) {
        NDArray name = MANAGER.create(0f);
        name.setName("module_method:" + method);
        return name;
    }

    /** Numbers travel as 0-d arrays. Those that come again and again (sizes, rates, positions) are kept; see {@link #number} for others. */
    static NDArray scalar(double value) {
        return SCALARS.computeIfAbsent(value, number -> MANAGER.create(number.doubleValue()));
    }

    /** For numbers that differ from step to step, which would pile up. */
    private static NDArray number(NDManager scope, double value) {
        return scope.create(value);
    }
}
