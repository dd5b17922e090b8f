package inkling.formats.gguf;

import inkling.formats.gguf.GgufArchitecture.Trait;
import inkling.io.gguf.GgufValue;
import inkling.io.gguf.GgufWriter;
import inkling.model.config.Activation;
import inkling.model.config.AttentionConfig;
import inkling.model.config.Branches;
import inkling.model.config.GptConfig;
import inkling.model.config.LayerRope;
import inkling.model.config.Norm;
import inkling.model.config.Positions;
import inkling.model.config.RopeConfig;
import inkling.model.config.ScaleConfig;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * The keys that describe a model to llama.cpp. Some options have no key: llama.cpp tells them from the tensors that are there, or has one
 * fixed value. A model that needs another value than the fixed one cannot be written ({@link #obstacles}).
 */
public record GgufSettings(GgufArchitecture architecture, GptConfig config) {
    static final String ROPE_FREQUENCIES = "rope_freqs.weight";
    static final String LONG_FACTORS = "rope_factors_long.weight";
    static final String SHORT_FACTORS = "rope_factors_short.weight";
    /** Every sixth layer of Gemma 3 has no window: {@code set_swa_pattern} in llama.cpp. */
    static final int GEMMA3_PATTERN = 6;
    /** Every fourth layer of SmolLM 3 has no rotary positions. */
    private static final int SMOLLM3_PATTERN = 4;
    static final double GEMMA3_LOCAL_THETA = 10_000;

    /** The options, named as in a run file, that llama.cpp cannot compute in this architecture; empty if it can compute the model. */
    public List<String> obstacles() {
        List<String> obstacles = new ArrayList<>();
        AttentionConfig attention = config.attention();
        boolean mayHaveBiases = architecture.has(Trait.ALL_BIASES) || architecture.has(Trait.MAY_HAVE_BIASES);
        add(obstacles, "qkv_bias", attention.qkvBias() && !mayHaveBiases && architecture != GgufArchitecture.QWEN2);
        add(obstacles, "out_bias", attention.outBias() && !mayHaveBiases);
        add(obstacles, "mlp_bias", config.mlp().bias() && !mayHaveBiases);
        add(obstacles, "tie_embeddings", architecture.has(Trait.NO_OUTPUT) && !config.tieEmbeddings());
        add(obstacles, "head_size", architecture.has(Trait.SQUARE) && attention.queryWidth() != config.nEmbd());
        add(obstacles, "activation", !computes(config.mlp().activation()));
        add(obstacles, "layers", !windowsFit() || !ropesFit());
        boolean gemma2 = architecture == GgufArchitecture.GEMMA2;
        if (gemma2 || architecture == GgufArchitecture.GEMMA3) {
            add(obstacles, "attention_scale", !attention.usualScale());
            add(obstacles, "score_cap", Double.isInfinite(attention.scoreCap()) == gemma2);
            add(obstacles, "logit_cap", Double.isInfinite(config.scales().logitCap()) == gemma2);
        }
        add(obstacles, "local_rope", architecture == GgufArchitecture.GEMMA3
            && !config.localRope().equals(new RopeConfig(GEMMA3_LOCAL_THETA, Optional.empty())));
        add(obstacles, "rope", config.rope().scaling().filter(scaling -> !computes(scaling)).isPresent());
        return obstacles;
    }

    private static void add(List<String> obstacles, String option, boolean obstacle) {
        if (obstacle) {
            obstacles.add(option);
        }
    }

    /** A sentence for the user about what llama.cpp computes a little differently; empty if there is nothing. */
    public Optional<String> remark() {
        return Optional.of("llama.cpp computes this model's exact GELU as its tanh form: log-probabilities differ by up to 0.002")
            .filter(remark -> architecture == GgufArchitecture.GPT_NEOX && config.mlp().activation() == Activation.GELU);
    }

    private boolean computes(Activation activation) {
        return switch (architecture) {
            case GPT2 -> activation == Activation.GELU_TANH;
            case GPT_NEOX -> activation == Activation.GELU_TANH || activation == Activation.GELU;
            // each of these families has only one activation
            case LLAMA, QWEN2, QWEN3, SMOLLM3, GEMMA, GEMMA2, GEMMA3, PHI3, GRANITE, OLMO2, STABLELM -> true;
        };
    }

    /**
     * Every architecture reads the keys of a linear scaling. The other scalings need tensors ({@link #ropeTensors}), which only some load.
     */
    private boolean computes(RopeConfig.Scaling scaling) {
        return scaling instanceof RopeConfig.LinearScaling
            || scaling instanceof RopeConfig.Llama3Scaling && architecture == GgufArchitecture.LLAMA
            || scaling instanceof RopeConfig.LongRopeScaling && architecture == GgufArchitecture.PHI3;
    }

    /** Whether this block has a window that is shorter than the context. */
    private boolean slides(int block) {
        return config.window(block) < config.contextLength();
    }

    /** Whether the model has no windows, or has them in the layers where llama.cpp puts them, all equally long. */
    private boolean windowsFit() {
        IntPredicate windowed = switch (architecture) {
            case GEMMA2 -> block -> block % 2 == 0;
            case GEMMA3 -> block -> (block + 1) % GEMMA3_PATTERN != 0;
            case GPT2, LLAMA, QWEN2, QWEN3, SMOLLM3, GEMMA, GPT_NEOX, PHI3, GRANITE, OLMO2, STABLELM -> block -> false;
        };
        boolean any = blocks().anyMatch(this::slides);
        return blocks().allMatch(block -> slides(block) == (any && windowed.test(block))
            && (!slides(block) || config.window(block) == window()));
    }

    /** The window of the first layer that has one; if none has, the context length. */
    private int window() {
        return blocks().filter(this::slides).map(config::window).findFirst().orElse(config.contextLength());
    }

    /** Whether the rotary setting of each layer is the one that llama.cpp uses there. */
    private boolean ropesFit() {
        return blocks().allMatch(block -> config.layer(block).rope() == switch (architecture) {
            case SMOLLM3 -> (block + 1) % SMOLLM3_PATTERN == 0 ? LayerRope.NONE : LayerRope.MAIN;
            case GEMMA3 -> (block + 1) % GEMMA3_PATTERN == 0 ? LayerRope.MAIN : LayerRope.LOCAL;
            case GPT2, LLAMA, QWEN2, QWEN3, GEMMA, GEMMA2, GPT_NEOX, PHI3, GRANITE, OLMO2, STABLELM -> LayerRope.MAIN;
        });
    }

    private IntStream blocks() {
        return IntStream.range(0, config.nLayer());
    }

    /** The keys that describe the architecture. */
    public Map<String, GgufValue> keys() {
        Map<String, GgufValue> keys = new LinkedHashMap<>();
        AttentionConfig attention = config.attention();
        String word = architecture.word() + ".";
        keys.put(word + "context_length", GgufValue.count(config.contextLength()));
        keys.put(word + "embedding_length", GgufValue.count(config.nEmbd()));
        keys.put(word + "block_count", GgufValue.count(config.nLayer()));
        keys.put(word + "feed_forward_length", GgufValue.count(config.mlp().nInner()));
        keys.put(word + "vocab_size", GgufValue.count(config.vocabSize()));
        keys.put(word + "attention.head_count", GgufValue.count(attention.nHead()));
        keys.put(word + "attention.head_count_kv", GgufValue.count(attention.nKvHead()));
        if (attention.queryWidth() != config.nEmbd() || architecture.has(Trait.ONE_PLUS) || architecture == GgufArchitecture.QWEN3) {
            keys.put(word + "attention.key_length", GgufValue.count(attention.headSize()));
            keys.put(word + "attention.value_length", GgufValue.count(attention.headSize()));
        }
        keys.put(word + (config.norm().kind() == Norm.LAYER_NORM ? "attention.layer_norm_epsilon" : "attention.layer_norm_rms_epsilon"),
            GgufValue.real(config.norm().eps()));
        if (config.positions() == Positions.ROPE) {
            rope(keys, word);
        }
        own(keys, word);
        return keys;
    }

    private void rope(Map<String, GgufValue> keys, String word) {
        keys.put(word + "rope.dimension_count", GgufValue.count(config.attention().rotaryChannels()));
        keys.put(word + "rope.freq_base", GgufValue.real(config.rope().theta()));
        RopeConfig.Scaling scaling = config.rope().scaling().orElse(null);
        if (scaling instanceof RopeConfig.LinearScaling linear) {
            keys.put(word + "rope.scaling.type", GgufValue.text("linear"));
            keys.put(word + "rope.scaling.factor", GgufValue.real(linear.factor()));
        } else if (scaling instanceof RopeConfig.LongRopeScaling) {
            keys.put(word + "rope.scaling.original_context_length", GgufValue.count(config.contextLength()));
            keys.put(word + "rope.scaling.attn_factor", GgufValue.real(scaling.magnitude()));
        }
    }

    /** Adds the keys that only some architectures have. */
    private void own(Map<String, GgufValue> keys, String word) {
        AttentionConfig attention = config.attention();
        ScaleConfig scales = config.scales();
        switch (architecture) {
            case GEMMA2 -> {
                keys.put(word + "attention.sliding_window", GgufValue.count(window()));
                keys.put(word + "attn_logit_softcapping", GgufValue.real(attention.scoreCap()));
                keys.put(word + "final_logit_softcapping", GgufValue.real(scales.logitCap()));
            }
            case GEMMA3 -> keys.put(word + "attention.sliding_window", GgufValue.count(window()));
            // older versions of llama.cpp demand this key
            case PHI3 -> keys.put(word + "attention.sliding_window", GgufValue.count(config.contextLength()));
            case GPT_NEOX, STABLELM -> keys.put(word + "use_parallel_residual", GgufValue.flag(config.branches() != Branches.SERIAL));
            case GRANITE -> {
                keys.put(word + "attention.scale", GgufValue.real(attention.scale()));
                keys.put(word + "embedding_scale", GgufValue.real(scales.embedding()));
                keys.put(word + "residual_scale", GgufValue.real(scales.residual()));
                keys.put(word + "logit_scale", GgufValue.real(1 / scales.logit()));      // logits are divided by it
            }
            case GPT2, LLAMA, QWEN2, QWEN3, SMOLLM3, GEMMA, OLMO2 -> { }
        }
    }

    /** The tensors that hold {@link #factors}; none for a model without such factors. */
    public List<GgufWriter.Entry> ropeTensors() {
        RopeConfig.Scaling scaling = config.rope().scaling().orElse(null);
        if (config.positions() != Positions.ROPE || scaling == null || scaling instanceof RopeConfig.LinearScaling) {
            return List.of();
        }
        float[] factors = factors(config.rope(), config.attention().rotaryChannels());
        return scaling instanceof RopeConfig.Llama3Scaling ? List.of(GgufWriter.Entry.vector(ROPE_FREQUENCIES, factors))
            : List.of(GgufWriter.Entry.vector(LONG_FACTORS, factors), GgufWriter.Entry.vector(SHORT_FACTORS, factors));
    }

    /** (channels / 2): how many times longer the rope's scaling makes the wavelength of each pair of channels. */
    static float[] factors(RopeConfig rope, int channels) {
        float[] factors = new float[channels / 2];
        for (int pair = 0; pair < factors.length; pair++) {
            double frequency = Math.pow(rope.theta(), -2.0 * pair / channels);
            factors[pair] = (float) (frequency / rope.scaling().orElseThrow().frequency(frequency, pair));
        }
        return factors;
    }
}
