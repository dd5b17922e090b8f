package inkling.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import inkling.engine.Kernels;
import inkling.model.GptLayout.Weights;
import inkling.model.config.Activation;
import inkling.model.config.AttentionConfig;
import inkling.model.config.GptConfig;
import inkling.model.config.Norm;
import java.util.List;
import java.util.Optional;

/**
 * THE model: a decoder-only transformer, ids in, logits and loss out.
 *
 * <p>Sources: Vaswani et al. 2017 (arXiv:1706.03762); GPT-2: Radford et al. 2019 and OpenAI's released code, whose parameter names
 * and layouts are kept ({@link GptLayout}); the options cite theirs in {@link GptConfig} and {@link Kernels}.
 *
 * <pre>
 * B  batch                  C   n_embd, width of the residual stream
 * T  time, ≤ context        nh  query heads      hs  channels of a head, mostly C / nh
 * V  vocabulary             nkv key/value heads  I   n_inner, width of the MLP
 *
 * ids (B,T) ─ wte ─→ x (B,T,C) ─ n_layer × [ x += attention(norm(x)); x += mlp(norm(x)) ] ─ norm ─ unembedding ─→ logits (B,T,V)
 * </pre>
 *
 * <p>That is GPT-2. Where Llama, Qwen, Gemma and their kin differ is a value of the configuration and a line here: norms that stand
 * elsewhere or are missing ({@link GptLayout#has(Part)}), an MLP beside attention instead of after it, windows, factors and caps.
 *
 * <p>Every array made on the way lives in the manager of {@code ids}: give each step its own and close it.
 */
public final class Gpt implements AutoCloseable {
    private final GptConfig config;
    private final GptLayout layout;
    private final Parameters parameters;
    private final Optional<Lora> lora;
    private final NDManager constants;
    private final List<Optional<RotaryTable>> rotary; // one a block
    private final Kernels.NormKind normKind;
    private final DecodeStep decodeStep;

    /** Takes over {@code parameters}, which must have the names and shapes of {@link GptLayout}. */
    public Gpt(GptConfig config, Parameters parameters) {
        this(config, parameters, Optional.empty());
    }

    /** As {@link #Gpt(GptConfig, Parameters)}; with adapters, whose arrays are among the parameters. */
    public Gpt(GptConfig config, Parameters parameters, Optional<Lora> lora) {
        this.layout = GptLayout.of(config, lora);
        layout.requireShapes(parameters);
        this.config = config;
        this.parameters = parameters;
        this.lora = lora;
        this.constants = parameters.manager().getParentManager().newSubManager(parameters.manager().getDevice());
        this.rotary = RotaryTable.ofBlocks(constants, config);
        this.normKind = new Kernels.NormKind(config.norm().eps(), config.norm().kind() == Norm.RMS_NORM, config.norm().onePlusGain());
        this.decodeStep = new DecodeStep(config, layout, parameters, rotary, normKind, constants);
    }

    /** A model with initial weights drawn from {@code seed}, below {@code parent}. */
    public static Gpt initialise(GptConfig config, NDManager parent, long seed) {
        return new Gpt(config, GptWeights.initialise(config, parent.newSubManager(), seed));
    }

    /** The same weights under arrays of its own, for another thread: what changes here in place changes there. Close it before this. */
    public Gpt view() {
        return view(parameters.manager().getParentManager());
    }

    /** As {@link #view()}, below {@code parent}: the weights stay until both are closed, in whichever order. */
    public Gpt view(NDManager parent) {
        Parameters shared = new Parameters(parent.newSubManager(parameters.manager().getDevice()));
        parameters.names().forEach(name -> shared.put(name, parameters.get(name).stopGradient()));
        return new Gpt(config, shared, lora);
    }

    public GptConfig config() {
        return config;
    }

    /** What the parameters are, adapters included. */
    public GptLayout layout() {
        return layout;
    }

    public Parameters parameters() {
        return parameters;
    }

    public Optional<Lora> lora() {
        return lora;
    }

    /**
     * The logits of every next token.
     *
     * @param ids int64 (B, T), each in [0, V); 1 ≤ T ≤ context_length
     * @return float32 (B, T, V), in the manager of {@code ids}; never probabilities
     */
    public NDArray forward(NDArray ids, Mode mode, Probe probe) {
        Pass pass = new Pass(mode, probe, Optional.empty(), Optional.empty());
        NDArray logits = unembed(hidden(ids, pass));
        probe.logits(logits);
        return logits;
    }

    /**
     * The logits after the last of {@code ids}, which follow what {@code cache} has seen.
     *
     * @param ids int64 (B, t); cache length + t ≤ the cache's capacity
     * @return float32 (B, 1, V)
     */
    public NDArray next(NDArray ids, KvCache cache) {
        if (ids.getShape().get(1) == 1 && lora.isEmpty()) {
            return next(ids, cache, decodeStep);
        }
        NDArray logits = unembedLast(hidden(ids, Pass.reading(cache)));
        cache.advance(Math.toIntExact(ids.getShape().get(1)));
        return logits;
    }

    /**
     * As {@link #next(NDArray, KvCache)} for one token of each sequence, by this model's step of {@link #inStrips}.
     *
     * @param ids int64 (B, 1)
     */
    public NDArray next(NDArray ids, KvCache cache, DecodeStep step) {
        if (ids.getShape().get(1) != 1) {
            throw new IllegalArgumentException("one token of each sequence at a time, not %d".formatted(ids.getShape().get(1)));
        }
        NDArray x = step.blocks(enter(tokenVectors(ids), Pass.reading(cache)), cache);
        cache.advance(1);
        return step.unembed(leave(x));
    }

    /**
     * For many tokens of one sequence, one after the other, on a CPU: a copy of the matrices in strips of columns, which a single vector
     * is multiplied with faster (docs/decisions/0009). It lives in {@code manager}; the weights must stay as they are while it is used.
     *
     * @throws IllegalStateException with adapters, which the copy would be without
     */
    public DecodeStep inStrips(NDManager manager) {
        if (lora.isPresent()) {
            throw new IllegalStateException("the weights have adapters: merge them first");
        }
        return decodeStep.inStrips(manager);
    }

    /** The logits after the last of {@code ids}, int64 (B, T): float32 (B, 1, V). */
    public NDArray next(NDArray ids) {
        return unembedLast(stream(ids));
    }

    /** The residual stream after the last block, which {@link #unembed} reads, of some positions at a time if need be: (B, T) → (B, T, C). */
    public NDArray stream(NDArray ids) {
        return hidden(ids, new Pass(Mode.EVAL, Probe.NONE, Optional.empty(), Optional.empty()));
    }

    private NDArray unembedLast(NDArray x) {
        long t = x.getShape().get(1);
        return unembed(t == 1 ? x : x.get(":, " + (t - 1) + ":"));
    }

    /** Mean nats per target token, () float32; a target of −1 is ignored. {@code ids} and {@code targets}: int64 (B, T). */
    public NDArray loss(NDArray ids, NDArray targets, Mode mode) {
        return Kernels.crossEntropy(forward(ids, mode, Probe.NONE), targets);
    }

    /** The residual stream after the last block, before the final norm: (B, T, C). */
    private NDArray hidden(NDArray ids, Pass pass) {
        NDArray x = enter(tokenVectors(ids), pass);
        for (int layer = 0; layer < config.nLayer(); layer++) {
            x = block(layer, x, pass);
        }
        return x;
    }

    /** The embedding matrix's rows: (B, T) → (B, T, C). */
    public NDArray tokenVectors(NDArray ids) {
        return Kernels.embedding(ids, parameters.get(layout.tokenEmbedding()));
    }

    /** Token vectors become the residual stream: learned positions are added, dropout applied. (B, T, C) → (B, T, C). */
    public NDArray enter(NDArray vectors, Pass pass) {
        int start = pass.start();
        int end = start + (int) vectors.getShape().get(1);
        if (end > config.contextLength()) {
            throw new IllegalArgumentException("%d tokens do not fit a context of %d".formatted(end, config.contextLength()));
        }
        NDArray x = scaled(vectors, config.scales().embedding());
        if (layout.positionEmbedding().isPresent()) {
            NDArray positions = vectors.getManager().arange(start, end, 1).toType(DataType.INT64, false);
            x = x.add(Kernels.embedding(positions, parameters.get(layout.positionEmbedding().get()))); // + (T, C)
        }
        pass.probe().embedding(x);
        return dropout(x, pass);
    }

    /** Attention, then the MLP: each reads the residual stream, mostly normalised, and adds to it. */
    public NDArray block(int layer, NDArray x, Pass pass) {
        NDArray read = norm(x, layer, Part.ATTENTION_NORM);                                        // (B, T, C)
        NDArray attended = toResidual(attention(layer, read, pass), layer, Part.ATTENTION_POST_NORM, pass);
        NDArray between = x.add(attended);                                                         // (B, T, C)
        pass.probe().afterAttention(layer, attended, between);
        NDArray readByMlp = switch (config.branches()) {
            case SERIAL -> norm(between, layer, Part.MLP_NORM);
            case PARALLEL -> norm(x, layer, Part.MLP_NORM);
            case PARALLEL_ONE_NORM -> read;
        };
        NDArray mlpOut = toResidual(mlp(layer, readByMlp, pass), layer, Part.MLP_POST_NORM, pass);
        NDArray after = between.add(mlpOut);                                                       // (B, T, C)
        pass.probe().afterMlp(layer, mlpOut, after);
        return after;
    }

    /** What attention or MLP gave, as it is added to the stream: (B, T, C) → (B, T, C). */
    private NDArray toResidual(NDArray update, int layer, Part norm, Pass pass) {
        return scaled(dropout(norm(update, layer, norm), pass), config.scales().residual());
    }

    private NDArray attention(int layer, NDArray x, Pass pass) {
        AttentionConfig shape = config.attention();
        NDArray qkv = linear(x, layout.weights(layer, Part.QKV), pass);                            // (B, T, (nh + 2·nkv)·hs)
        NDList heads = Kernels.splitHeads(qkv, shape.nHead(), shape.nKvHead());
        NDArray q = scaled(placed(heads.get(0), layer, Part.QUERY_NORM, pass), shape.queryFactor());  // (B, nh, T, hs)
        NDArray k = placed(heads.get(1), layer, Part.KEY_NORM, pass);                              // (B, nkv, T, hs)
        NDArray v = heads.get(2);                                                                  // (B, nkv, T, hs)
        int group = shape.nHead() / shape.nKvHead();                                               // queries that share a key
        Kernels.Scores scores = new Kernels.Scores(config.window(layer), shape.scoreCap());
        NDArray out = pass.cache().map(cache ->
            Kernels.cachedAttention(q, k, v, cache.keys().get(layer), cache.values().get(layer), cache.length(), scores)).orElseGet(() ->
            attend(layer, q, Kernels.repeatHeads(k, group), Kernels.repeatHeads(v, group), scores, pass)); // (B, T, nh·hs)
        return linear(out, layout.weights(layer, Part.ATTENTION_OUT), pass);                       // (B, T, C)
    }

    private NDArray attend(int layer, NDArray q, NDArray k, NDArray v, Kernels.Scores scores, Pass pass) {
        if (pass.probe() == Probe.NONE) {
            return Kernels.attention(q, k, v, scores, pass.mode() == Mode.TRAIN ? config.dropout() : 0);
        }
        NDArray pattern = Kernels.attentionPattern(q, k, scores);                                  // (B, nh, T, T), rows sum to 1
        pass.probe().attention(layer, pattern);
        return Kernels.mergeHeads(dropout(pattern, pass).matMul(v));
    }

    /** Queries or keys, normalised where the model does that, and turned by their positions: (B, n, T, hs) → (B, n, T, hs). */
    private NDArray placed(NDArray heads, int layer, Part norm, Pass pass) {
        NDArray normed = layout.has(norm) ? Kernels.normHeads(heads, config.attention().qkNorm().kernel(),
            parameters.get(layout.weights(layer, norm).weight()), normKind) : heads;
        return rotary.get(layer).map(table -> Kernels.rope(normed, table.cos(), table.sin(), pass.start())).orElse(normed);
    }

    private NDArray mlp(int layer, NDArray x, Pass pass) {
        NDArray up = linear(x, layout.weights(layer, Part.MLP_UP), pass);                          // (B, T, I)
        Activation activation = config.mlp().activation();
        NDArray activated = activation.gated()
            ? Kernels.activate(activation.kernel(), up, linear(x, layout.weights(layer, Part.MLP_GATE), pass))
            : Kernels.activate(activation.kernel(), up);                                           // (B, T, I)
        return linear(activated, layout.weights(layer, Part.MLP_OUT), pass);                       // (B, T, C)
    }

    /** The final norm and the unembedding: (B, T, C) → (B, T, V). */
    public NDArray unembed(NDArray x) {
        return Kernels.capped(Kernels.unembed(leave(x), parameters.get(layout.unembedding())), config.scales().logitCap());
    }

    /** What the unembedding reads: the final norm, which takes over the factor of the logits. (B, T, C) → (B, T, C). */
    public NDArray leave(NDArray x) {
        return scaled(norm(x, layout.finalNorm()), config.scales().logit());
    }

    /** A norm of a block; x as it is where the architecture has none there. */
    private NDArray norm(NDArray x, int layer, Part norm) {
        return layout.has(norm) ? norm(x, layout.weights(layer, norm)) : x;
    }

    private NDArray norm(NDArray x, Weights norm) {
        NDArray weight = parameters.get(norm.weight());
        return norm.bias().map(bias -> Kernels.norm(x, weight, parameters.get(bias), normKind))
            .orElseGet(() -> Kernels.norm(x, weight, normKind));
    }

    private NDArray linear(NDArray x, Weights linear, Pass pass) {
        NDArray y = pass.tape().map(tape -> tape.linear(x, linear)).orElseGet(() -> linear(x, linear));
        return lora.map(adapters -> adapters.add(y, x, linear, parameters, pass.mode())).orElse(y);
    }

    private NDArray linear(NDArray x, Weights linear) {
        NDArray weight = parameters.get(linear.weight());
        return linear.bias().map(bias -> Kernels.linear(x, weight, parameters.get(bias))).orElseGet(() -> Kernels.linear(x, weight));
    }

    /** Of a factor 1, which most models have, nothing is computed. */
    private static NDArray scaled(NDArray x, double factor) {
        return factor == 1 ? x : Kernels.scaled(x, factor);
    }

    private NDArray dropout(NDArray x, Pass pass) {
        return pass.mode() == Mode.TRAIN && config.dropout() > 0 ? Kernels.dropout(x, config.dropout()) : x;
    }

    /** Frees the weights. */
    @Override
    public void close() {
        constants.close();
        parameters.close();
    }
}
