package inkling.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import inkling.engine.Autograd;
import inkling.engine.Kernels;
import inkling.engine.Matrix;
import inkling.engine.Precision;
import inkling.model.config.Activation;
import inkling.model.config.AttentionConfig;
import inkling.model.config.GptConfig;
import java.util.List;
import java.util.Optional;

/**
 * THE model: a decoder-only transformer. Token ids go in, logits or a loss come out.
 *
 * <p>Sources: Vaswani et al. 2017 (arXiv:1706.03762), and GPT-2 (Radford et al. 2019, with OpenAI's released code). Parameters keep
 * GPT-2's names and layouts ({@link GptLayout}). The package {@code config} and {@link Kernels} name the sources of most options.
 *
 * <pre>
 * B  batch                  C   n_embd, width of the residual stream
 * T  time, ≤ context        nh  query heads      hs  channels of a head, usually C / nh
 * V  vocabulary             nkv key/value heads  I   n_inner, width of the MLP
 *
 * ids (B,T) ─ wte (+ wpe) ─→ x (B,T,C) ─ n_layer × [ x += attention(norm(x)); x += mlp(norm(x)) ] ─ norm ─ unembedding ─→ logits (B,T,V)
 * </pre>
 *
 * <p>As drawn, with wpe, this is GPT-2. Llama, Qwen, Gemma and similar models have other features: rotary positions, fewer key heads, gated
 * MLPs, attention windows, factors and caps of scores and logits. Norms may be in other places, and MLPs beside attention instead of after
 * it. Each feature is a value of the configuration. If a model lacks a norm, x stays as it is.
 *
 * <p>A {@link Pass} carries what differs between calls: training or not, probe, cache, and the tape that records linear layers.
 * {@link Layers} computes single linear layers, norms, dropout and fused attention. Dropout acts in {@link Mode#TRAIN} alone. The steps of
 * a pass are public for callers that need vectors instead of logits. Another caller is {@code inkling.model.grad.LossGradients}, which runs
 * the blocks one by one with a tape. To save memory it can keep only x between blocks, and run {@link #block} again in the backward pass.
 * {@link DecodeStep} repeats all steps for single tokens: a change here needs the same change there.
 *
 * <p>Results live in the manager of {@code ids}: give each pass its own manager, and close it after use. A block's intermediate arrays
 * live there, too, if autograd or a probe may read them. Otherwise a pass through all blocks frees them when their block ends.
 */
public final class Gpt implements AutoCloseable {
    private final GptConfig config;
    private final GptLayout layout;
    private final Parameters parameters;
    private final Optional<Lora> lora;
    private final NDManager constants;
    private final List<Optional<RotaryTable>> rotary; // one per block, because blocks may differ; empty for no rotation
    private final Layers layers;
    private final DecodeStep decodeStep;

    /** Takes ownership of {@code parameters}, which must have the names and shapes of {@link GptLayout}. */
    public Gpt(GptConfig config, Parameters parameters) {
        this(config, parameters, Optional.empty());
    }

    /** As {@link #Gpt(GptConfig, Parameters)}; if {@code lora} is present, the arrays of its adapters are among {@code parameters}. */
    public Gpt(GptConfig config, Parameters parameters, Optional<Lora> lora) {
        this.layout = GptLayout.of(config, lora);
        layout.requireShapes(parameters);
        this.config = config;
        this.parameters = parameters;
        this.lora = lora;
        this.constants = parameters.manager().getParentManager().newSubManager(parameters.manager().getDevice());
        this.rotary = RotaryTable.ofBlocks(constants, config);
        this.layers = new Layers(config, layout, parameters, lora);
        this.decodeStep = new DecodeStep(config, layout, parameters, rotary, layers.normKind(), constants);
    }

    /**
     * The logits of the next token at every position.
     *
     * @param ids int64 (B, T), each in [0, V); 1 ≤ T ≤ context_length
     * @return float32 (B, T, V), in the manager of {@code ids}: logits, not probabilities
     */
    public NDArray forward(NDArray ids, Mode mode, Probe probe) {
        NDArray logits = unembed(throughBlocks(ids, Pass.of(mode, probe)));
        probe.logits(logits);
        return logits;
    }

    /** The mean loss of a target token in nats, float32 (). {@code ids} and {@code targets} are int64 (B, T); a target of −1 is ignored. */
    public NDArray loss(NDArray ids, NDArray targets, Mode mode) {
        return Kernels.crossEntropy(forward(ids, mode, Probe.NONE), targets);
    }

    /** The residual stream after the last block: ids (B, T) → (B, T, C). {@link #unembed} turns any of its positions into logits. */
    public NDArray residualStream(NDArray ids) {
        return throughBlocks(ids, Pass.of(Mode.EVAL, Probe.NONE));
    }

    /** Runs all blocks, without the final norm: ids (B, T) → the residual stream (B, T, C). */
    private NDArray throughBlocks(NDArray ids, Pass pass) {
        NDArray x = embed(tokenVectors(ids), pass);
        boolean keepArrays = Autograd.isRecording() || pass.probe() != Probe.NONE;                 // autograd or the probe reads them later
        for (int layer = 0; layer < config.nLayer(); layer++) {
            x = keepArrays ? block(layer, x, pass) : blockFreeingTheRest(layer, x, pass);
        }
        return x;
    }

    /** Looks up each token's row of the embedding matrix (wte): ids (B, T) → (B, T, C). */
    public NDArray tokenVectors(NDArray ids) {
        return parameters.matrix(layout.tokenEmbedding()).lookup(ids);
    }

    /** Scales {@link #tokenVectors}, adds learned positions if the model has them, and applies dropout: (B, T, C) → (B, T, C). */
    public NDArray embed(NDArray vectors, Pass pass) {
        int start = pass.start();
        int end = start + (int) vectors.getShape().get(1);
        config.requireContextFor(end);
        NDArray x = Kernels.scaled(vectors, config.scales().embedding());
        if (layout.positionEmbedding().isPresent()) {
            NDArray positions = vectors.getManager().arange(start, end, 1).toType(DataType.INT64, false);
            x = x.add(Kernels.embedding(positions, parameters.get(layout.positionEmbedding().get())));  // + (T, C)
        }
        pass.probe().embedding(x);
        return layers.dropout(x, pass);
    }

    /** Runs block {@code layer}, from 0: attention and the MLP each read x, usually through a norm, and add their output to x. */
    public NDArray block(int layer, NDArray x, Pass pass) {
        NDArray attentionInput = layers.norm(x, layer, Part.ATTENTION_NORM);                       // (B, T, C)
        pass.probe().attentionInput(layer, attentionInput);
        NDArray attentionOut = branchOutput(attention(layer, attentionInput, pass), layer, Part.ATTENTION_POST_NORM, pass);
        NDArray afterAttention = x.add(attentionOut);                                              // (B, T, C)
        pass.probe().afterAttention(layer, attentionOut, afterAttention);
        NDArray mlpInput = switch (config.branches()) {
            case SERIAL -> layers.norm(afterAttention, layer, Part.MLP_NORM);
            case PARALLEL -> layers.norm(x, layer, Part.MLP_NORM);
            case PARALLEL_ONE_NORM -> attentionInput;
        };
        NDArray mlpOut = branchOutput(mlp(layer, mlpInput, pass), layer, Part.MLP_POST_NORM, pass);
        NDArray after = afterAttention.add(mlpOut);                                                // (B, T, C)
        pass.probe().afterMlp(layer, mlpOut, after);
        return after;
    }

    /** Makes the output of attention or MLP ready to be added to x: norm if the model has one here, dropout, scale. */
    private NDArray branchOutput(NDArray update, int layer, Part norm, Pass pass) {
        return Kernels.scaled(layers.dropout(layers.norm(update, layer, norm), pass), config.scales().residual());
    }

    /**
     * Causal self-attention, without the block's norms and residual. The kernels hide later tokens and scale scores by 1 / √hs. So
     * {@code queryFactor} is the model's own scale times √hs, 1 in most models. {@code cachedAttention} needs no repeated key heads.
     */
    private NDArray attention(int layer, NDArray x, Pass pass) {
        AttentionConfig settings = config.attention();
        NDArray qkv = layers.linear(x, layer, Part.QKV, pass);                                     // (B, T, (nh + 2·nkv)·hs)
        NDList heads = Kernels.splitHeads(qkv, settings.nHead(), settings.nKvHead());
        NDArray q = Kernels.scaled(normedAndRotated(heads.get(0), layer, Part.QUERY_NORM, pass), settings.queryFactor());  // (B, nh, T, hs)
        NDArray k = normedAndRotated(heads.get(1), layer, Part.KEY_NORM, pass);                    // (B, nkv, T, hs)
        NDArray v = heads.get(2);                                                                  // (B, nkv, T, hs)
        int group = settings.nHead() / settings.nKvHead();                                               // query heads per key head
        Kernels.Scores scores = new Kernels.Scores(config.window(layer), settings.scoreCap());
        // cachedAttention also writes k and v into the cache; next() advances the cache's length after all blocks
        NDArray out = pass.cache()                                                                 // (B, T, nh·hs)
            .map(cache -> Kernels.cachedAttention(q, k, v, cache.key(layer), cache.value(layer), cache.length(), scores))
            .orElseGet(() -> attentionWithoutCache(layer, q, Kernels.repeatHeads(k, group), Kernels.repeatHeads(v, group), scores, pass));
        return layers.linear(out, layer, Part.ATTENTION_OUT, pass);                                // (B, T, C)
    }

    /** Attention without a cache. For a probe, it computes the attention pattern, which the fused kernel never holds in memory. */
    private NDArray attentionWithoutCache(int layer, NDArray q, NDArray k, NDArray v, Kernels.Scores scores, Pass pass) {
        if (pass.probe() == Probe.NONE) {
            return layers.attention(q, k, v, scores, pass);
        }
        pass.probe().heads(layer, q, k, v);
        NDArray pattern = Kernels.attentionPattern(q, k, scores);                                  // (B, nh, T, T), each row sums to 1
        pass.probe().attention(layer, pattern);
        return Kernels.mergeHeads(layers.dropout(pattern, pass).matMul(v));
    }

    /** Normalises queries or keys if the model has that norm, then rotates them by position: (B, n, T, hs) → (B, n, T, hs). */
    private NDArray normedAndRotated(NDArray heads, int layer, Part norm, Pass pass) {
        NDArray normed = layers.normHeads(heads, layer, norm);
        return rotary.get(layer).map(table -> Kernels.rope(normed, table.cos(), table.sin(), pass.start())).orElse(normed);
    }

    private NDArray mlp(int layer, NDArray x, Pass pass) {
        NDArray up = layers.linear(x, layer, Part.MLP_UP, pass);                                   // (B, T, I)
        Activation activation = config.mlp().activation();
        NDArray activated = activation.gated()
            ? Kernels.activate(activation.kernel(), up, layers.linear(x, layer, Part.MLP_GATE, pass))    // act(gate) · up
            : Kernels.activate(activation.kernel(), up);                                           // act(up), (B, T, I)
        pass.probe().neurons(layer, activated);
        return layers.linear(activated, layer, Part.MLP_OUT, pass);                                // (B, T, C)
    }

    /** The final norm, the logits' factor, the unembedding (lm_head) and the cap: (B, T, C) → (B, T, V). */
    public NDArray unembed(NDArray x) {
        return logits(x, parameters.matrixForProducts(layout.unembedding()));
    }

    private NDArray logits(NDArray x, Matrix unembedding) {
        return Kernels.capped(unembedding.unembed(finalNorm(x)), config.scales().logitCap());
    }

    /** Applies the final norm and the logits' factor: it is cheaper to scale C numbers than V logits. (B, T, C) → (B, T, C). */
    public NDArray finalNorm(NDArray x) {
        return Kernels.scaled(layers.norm(x, layout.finalNorm()), config.scales().logit());
    }

    /** The logits of the token after the last of {@code ids}: int64 (B, T) → float32 (B, 1, V). */
    public NDArray next(NDArray ids) {
        return unembed(last(residualStream(ids)));
    }

    /**
     * The logits of the token after the last of {@code ids}. The ids continue the tokens in {@code cache}, and are added to the cache.
     *
     * @param ids int64 (B, t), with cache length + t ≤ the cache's capacity
     * @return float32 (B, 1, V)
     */
    public NDArray next(NDArray ids, KvCache cache) {
        if (ids.getShape().get(1) == 1 && lora.isEmpty()) {
            return decodeStep.next(ids, cache);            // the same arithmetic, faster, but without adapters; advances the cache
        }
        NDArray logits = logits(last(throughBlocks(ids, Pass.continuing(cache))), parameters.matrix(layout.unembedding()));
        cache.advance(Math.toIntExact(ids.getShape().get(1)));
        return logits;
    }

    /** The pass for a single token of each sequence. @throws IllegalStateException if the model has adapters, which this pass lacks */
    public DecodeStep decodeStep() {
        if (lora.isPresent()) {
            throw new IllegalStateException("the weights have adapters: merge them first");
        }
        return decodeStep;
    }

    /** The last position: (B, T, C) → (B, 1, C). */
    private static NDArray last(NDArray x) {
        long t = x.getShape().get(1);
        return t == 1 ? x : x.get(":, " + (t - 1) + ":");                                                 // x[:, -1:]
    }

    /** Runs a block, then frees x and all arrays of the block except its output. So a pass takes the memory of one block. */
    private NDArray blockFreeingTheRest(int layer, NDArray x, Pass pass) {
        NDManager outer = x.getManager();
        try (NDManager inner = outer.newSubManager()) {
            x.attach(inner);
            NDArray after = block(layer, x, pass);
            after.attach(outer);
            return after;
        }
    }

    /** A new model with random initial weights drawn from {@code seed}. Its memory belongs to {@code parent}. */
    public static Gpt initialise(GptConfig config, NDManager parent, long seed) {
        return new Gpt(config, GptWeights.initialise(config, parent.newSubManager(), seed));
    }

    /**
     * A second model on the same weights in memory, with its own array objects. So two threads can use the two models, and they can be
     * closed in any order. The new model belongs to {@code parent}.
     */
    public Gpt view(NDManager parent) {
        return new Gpt(config, parameters.view(parent), lora);
    }

    /**
     * Makes this model multiply in bfloat16 if {@code precision} says so, and returns this model. Products then read copies of the
     * matrices: call {@link Parameters#refreshCopies} after changing a matrix. With a cache, products still read the matrices in their
     * stored form.
     */
    public Gpt in(Precision precision) {
        if (precision.compute() == Precision.Compute.BF16) {
            parameters.multiplyInBf16(layout.ofProducts());
        }
        return this;
    }

    public GptConfig config() {
        return config;
    }

    /** The names, shapes and roles of all parameters, adapters included. */
    public GptLayout layout() {
        return layout;
    }

    public Parameters parameters() {
        return parameters;
    }

    public Optional<Lora> lora() {
        return lora;
    }

    /** Closes this model. Its weights are freed once no other model, e.g. a {@link #view}, uses their memory. */
    @Override
    public void close() {
        constants.close();
        parameters.close();
    }
}
