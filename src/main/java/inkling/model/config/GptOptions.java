package inkling.model.config;

import inkling.config.Key;
import inkling.errors.Problems;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.List;
import java.util.Optional;

/**
 * An architecture in the form that files have: mostly flat keys. A null value in a file is an empty Optional here, and stands for a
 * default: {@link #over} fills it in, and checks the rules.
 *
 * <p>Example: {@code GptOptions.DEFAULT.with(o -> o.nLayer(6).nHead(6).nEmbd(384)).over(65)} has heads of 64 channels and an MLP of 1,536.
 */
@RecordBuilder
@RecordBuilder.Options(addConcreteSettersForOptional = true)
public record GptOptions(
    @Key(doc = "transformer blocks", def = "4", elsewhere = {"num_hidden_layers", "num_layers"}) int nLayer,
    @Key(doc = "query heads; divides n_embd", def = "4", elsewhere = "num_attention_heads") int nHead,
    @Key(doc = "key and value heads; divides n_head; null = n_head", def = "null",
    elsewhere = "num_key_value_heads") Optional<Integer> nKvHead,
    @Key(doc = "width of the residual stream", def = "128", elsewhere = {"hidden_size", "d_model"}) int nEmbd,
    @Key(doc = "width of the MLP; null = 4·n_embd, but 8·n_embd/3 rounded up to a multiple of 64 for swiglu and geglu_tanh", def = "null",
    elsewhere = "intermediate_size")
    Optional<Integer> nInner,
    @Key(doc = "the most tokens that the model reads at a time", def = "128",
    elsewhere = {"block_size", "n_positions", "n_ctx", "max_position_embeddings"}) int contextLength,
    @Key(doc = "probability in [0, 1), in training only", def = "0.0") double dropout,
    @Key(doc = "whether layer_norm and every linear layer but the unembedding have a bias; rms_norm has none", def = "true") boolean bias,
    @Key(doc = "the unembedding is the embedding matrix", def = "true") boolean tieEmbeddings,
    @Key(doc = "how the model learns a token's position", def = "learned") Positions positions,
    @Key(doc = "rotary positions; if d channels are rotated, channels i and i + d/2 form a pair, as in Hugging Face's layout", def = "{}")
    RopeConfig rope,
    @Key(doc = "normalisation", def = "layer_norm") Norm norm,
    @Key(doc = "small number added to the variance (layer_norm) or the mean square (rms_norm)", def = "1.0e-5") double normEps,
    @Key(doc = "the MLP's nonlinearity", def = "gelu_tanh") Activation activation,
    @Key(doc = "channels of a head; null = n_embd / n_head. If it is set, n_head need not divide n_embd", def = "null", onlyIfSet = true)
    Optional<Integer> headSize,
    @Key(doc = "bias on the linear layer of queries, keys and values; null = the value of model.bias", def = "null", onlyIfSet = true)
    Optional<Boolean> qkvBias,
    @Key(doc = "bias on the linear layer after attention; null = the value of model.bias", def = "null", onlyIfSet = true)
    Optional<Boolean> outBias,
    @Key(doc = "bias on the MLP's linear layers; null = the value of model.bias", def = "null", onlyIfSet = true) Optional<Boolean> mlpBias,
    @Key(doc = "bias on layer_norm; null = the value of model.bias", def = "null", onlyIfSet = true) Optional<Boolean> normBias,
    @Key(doc = "norms multiply by 1 + weight instead of weight", def = "false", onlyIfSet = true) boolean onePlusGain,
    @Key(doc = "how many channels of a head rope rotates: that many from the first on; null = all", def = "null", onlyIfSet = true)
    Optional<Integer> rotaryChannels,
    @Key(doc = "token vectors are multiplied by it", def = "1.0", onlyIfSet = true) double embeddingScale,
    @Key(doc = "attention's scores are multiplied by it; null = 1 / √(channels of a head)", def = "null", onlyIfSet = true)
    Optional<Double> attentionScale,
    @Key(doc = "what attention and MLP add to the residual stream is multiplied by it", def = "1.0", onlyIfSet = true)
    double residualScale,
    @Key(doc = "logits are multiplied by it", def = "1.0", onlyIfSet = true) double logitScale,
    @Key(doc = "queries and keys are normalised before RoPE. head: each head, with one weight that the heads share; head_each: each head, "
        + "with a weight of its own; all: all heads of a token together", def = "none", onlyIfSet = true) QkNorm qkNorm,
    @Key(doc = "attention and MLP normalise what they read (pre), what they give (post), or both (sandwich)", def = "pre", onlyIfSet = true)
    NormPlacement normPlacement,
    @Key(doc = "serial: the MLP reads the residual stream after attention has added to it. parallel: the MLP reads the same stream as "
        + "attention, through a norm of its own. parallel_one_norm: the same stream, through attention's norm",
        def = "serial", onlyIfSet = true) Branches branches,
    @Key(doc = "settings of each block; a shorter list is repeated over the blocks: with [{window: 64}, {}], every other block attends to "
        + "64 tokens, beginning with the first",
        def = "[{window: null, rope: main}]", onlyIfSet = true) List<LayerConfig> layers,
    @Key(doc = "the rotary positions of layers whose rope is local; null = theta 10,000, no scaling", def = "null", onlyIfSet = true)
    Optional<RopeConfig> localRope,
    @Key(doc = "c: attention's scores become c·tanh(score / c), within ±c; this takes more memory and time; null = no cap", def = "null",
        onlyIfSet = true) Optional<Double> scoreCap,
    @Key(doc = "c: logits become c·tanh(logit / c), within ±c; null = no cap", def = "null", onlyIfSet = true) Optional<Double> logitCap)
    implements GptOptionsBuilder.With {

    /** The options of a run file without a model section: the defaults above. */
    public static final GptOptions DEFAULT = GptOptionsBuilder.builder().nLayer(4).nHead(4).nEmbd(128).contextLength(128).bias(true)
        .tieEmbeddings(true).positions(Positions.LEARNED).rope(RopeConfig.DEFAULT).norm(Norm.LAYER_NORM).normEps(1e-5)
        .activation(Activation.GELU_TANH).embeddingScale(1).residualScale(1).logitScale(1).qkNorm(QkNorm.NONE)
        .normPlacement(NormPlacement.PRE).branches(Branches.SERIAL).layers(List.of(LayerConfig.DEFAULT)).build();

    /** The options from which {@link #over} makes {@code config}. Keys that few architectures need stay empty if the other keys imply
     * their values. */
    public static GptOptions of(GptConfig config) {
        AttentionConfig attention = config.attention();
        boolean bias = config.mlp().bias();
        int headSize = attention.headSize();
        return DEFAULT.with(o -> o.nLayer(config.nLayer()).nHead(attention.nHead()).nKvHead(attention.nKvHead()).nEmbd(config.nEmbd())
            .nInner(config.mlp().nInner()).contextLength(config.contextLength()).dropout(config.dropout()).bias(bias)
            .tieEmbeddings(config.tieEmbeddings()).positions(config.positions()).rope(config.rope()).norm(config.norm().kind())
            .normEps(config.norm().eps()).activation(config.mlp().activation())
            .headSize(unless(headSize * attention.nHead() == config.nEmbd(), headSize))
            .qkvBias(unless(attention.qkvBias() == bias, attention.qkvBias()))
            .outBias(unless(attention.outBias() == bias, attention.outBias()))
            .normBias(unless(config.norm().bias() == hasBias(config.norm().kind(), bias), config.norm().bias()))
            .onePlusGain(config.norm().onePlusGain())
            .rotaryChannels(unless(attention.rotaryChannels() == headSize, attention.rotaryChannels()))
            .attentionScale(unless(attention.usualScale(), attention.scale()))
            .embeddingScale(config.scales().embedding()).residualScale(config.scales().residual()).logitScale(config.scales().logit())
            .qkNorm(attention.qkNorm()).normPlacement(config.norm().placement()).branches(config.branches()).layers(config.layers())
            .localRope(unless(config.localRope().equals(RopeConfig.DEFAULT), config.localRope()))
            .scoreCap(unless(Double.isInfinite(attention.scoreCap()), attention.scoreCap()))
            .logitCap(unless(Double.isInfinite(config.scales().logitCap()), config.scales().logitCap())));
    }

    private static <T> Optional<T> unless(boolean follows, T value) {
        return follows ? Optional.empty() : Optional.of(value);
    }

    private static boolean hasBias(Norm kind, boolean bias) {
        return bias && kind == Norm.LAYER_NORM;
    }

    /** The default width of the MLP: 4·C; with a gate 8·C/3, rounded up to a multiple of 64. */
    public static int defaultInner(int nEmbd, Activation activation) {
        return (int) Math.min(Integer.MAX_VALUE, activation.gated() ? (8L * nEmbd + 191) / 192 * 64 : 4L * nEmbd);
    }

    /**
     * This architecture with a vocabulary of {@code vocabSize} tokens and every null filled in.
     *
     * @throws inkling.errors.ConfigException if rules are broken; the message lists them
     */
    public GptConfig over(int vocabSize) {
        Problems problems = new Problems();
        Optional<AttentionConfig> attention = problems.attempt(this::attention);
        Optional<MlpConfig> mlp = problems.attempt(() -> MlpConfigBuilder.builder().activation(activation)
            .nInner(nInner.orElseGet(() -> defaultInner(within(nEmbd), activation))).bias(mlpBias.orElse(bias)).build());
        Optional<NormConfig> normed = problems.attempt(() -> NormConfigBuilder.builder().kind(norm).eps(normEps)
            .bias(normBias.orElse(hasBias(norm, bias))).placement(normPlacement).onePlusGain(onePlusGain).build());
        Optional<ScaleConfig> scales = problems.attempt(() -> ScaleConfigBuilder.builder().embedding(embeddingScale)
            .residual(residualScale).logit(logitScale).logitCap(logitCap.orElse(ScaleConfig.UNCAPPED)).build());
        // If the heads or n_embd are wrong, the config below may get other heads. It is then made without rope, so that it checks no rule
        // about the channels of a head, except that of LongRoPE's factors. The default layers are valid without rope.
        boolean headsKnown = attention.isPresent() && nEmbd > 0 && nEmbd <= GptConfig.WIDEST;
        Optional<GptConfig> config = problems.attempt(() -> GptConfigBuilder.builder().vocabSize(vocabSize).contextLength(contextLength)
            .nLayer(nLayer).nEmbd(nEmbd).dropout(dropout).tieEmbeddings(tieEmbeddings).positions(headsKnown ? positions : Positions.NONE)
            .rope(rope).localRope(localRope.orElse(RopeConfig.DEFAULT)).branches(branches)
            .layers(headsKnown ? layers : List.of(LayerConfig.DEFAULT))
            .attention(attention.orElse(AttentionConfig.DEFAULT)).mlp(mlp.orElse(MlpConfig.DEFAULT))
            .norm(normed.orElse(NormConfig.DEFAULT)).scales(scales.orElse(ScaleConfig.DEFAULT)).build());
        problems.check(headSize.isPresent() || nHead <= 0 || nEmbd <= 0 || nEmbd % nHead == 0, "n_head",
            "n_head = %d does not divide n_embd = %d: every head gets n_embd / n_head channels. Change one of them, e.g. n_embd: %d.",
            nHead, nEmbd, nHead <= 0 ? 0 : (long) nHead * (nEmbd / nHead + 1)).throwIfAny();
        return config.orElseThrow();
    }

    private AttentionConfig attention() {
        int channels = headSize.orElse(Math.max(1, within(nEmbd) / Math.max(1, nHead)));
        return AttentionConfigBuilder.builder().nHead(nHead).nKvHead(nKvHead.orElse(nHead)).headSize(channels)
            .rotaryChannels(rotaryChannels.orElse(channels)).scale(attentionScale.orElse(AttentionConfig.usualScale(Math.max(1, channels))))
            .scoreCap(scoreCap.orElse(ScaleConfig.UNCAPPED)).qkNorm(qkNorm)
            .qkvBias(qkvBias.orElse(bias)).outBias(outBias.orElse(bias)).build();
    }

    /** {@code nEmbd}, moved into its allowed range, so that other values can follow from it. {@link GptConfig} reports a wrong value. */
    private static int within(int nEmbd) {
        return Math.max(1, Math.min(GptConfig.WIDEST, nEmbd));
    }
}
