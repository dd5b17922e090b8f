package inkling.formats.family;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.errors.ModelFormatException;
import inkling.formats.FamilyConfigs;
import inkling.io.json.JsonFields;
import inkling.model.config.Activation;
import inkling.model.config.Branches;
import inkling.model.config.GptConfig;
import inkling.model.config.LayerConfig;
import inkling.model.config.LayerRope;
import inkling.model.config.NormPlacement;
import inkling.model.config.QkNorm;
import inkling.model.config.RopeConfig;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What the keys of each family's config.json mean. */
class FamilyConfigTest {
    private static final LayerConfig FULL = LayerConfig.DEFAULT;

    private static LayerConfig window(int tokens, LayerRope rope) {
        return new LayerConfig(Optional.of(tokens), rope);
    }

    private static GptConfig read(String family, String keys) {
        return FamilyConfigs.architecture(FamilyConfigs.with(family, keys));
    }

    private static GptConfig without(String family, String key) {
        ObjectNode json = FamilyConfigs.all().get(family).deepCopy();
        json.remove(key);
        return FamilyConfigs.architecture(json);
    }

    private static void refused(String part, String family, String keys) {
        ModelFormatException e = assertThrows(ModelFormatException.class, () -> read(family, keys));
        assertTrue(e.getMessage().startsWith("config.json: ") && e.getMessage().contains(part), e.getMessage());
    }

    /** The settings of each block, from the first to the last. */
    private static List<LayerConfig> layers(GptConfig config) {
        return IntStream.range(0, config.nLayer()).mapToObj(config::layer).toList();
    }

    /** Each family can write the architecture that it reads, and then reads the same again. */
    @Test
    void everyFamilyCanWriteWhatItReads() {
        FamilyConfigs.all().forEach((what, json) -> {
            GptConfig config = FamilyConfigs.architecture(json);
            ModelFormat family = ModelFormat.of(JsonFields.of(what, json));
            assertEquals(List.of(), family.obstacles(config), what);
            assertEquals(config, family.read(JsonFields.of(what, family.write(config))), what);
        });
    }

    /** An option that sets a family apart is an obstacle to Llama's form. The obstacle is named as the option is in a run file. */
    @Test
    void whatAFamilyCannotExpressIsNamed() {
        Map<String, Set<String>> toLlama = Map.of("mistral", Set.of("layers"), "qwen2", Set.of("out_bias", "qkv_bias"), "qwen3",
            Set.of("qk_norm"),
            "gemma", Set.of("activation", "one_plus_gain", "embedding_scale"), "olmo2", Set.of("qk_norm", "norm_placement"),
            "granite", Set.of("embedding_scale", "attention_scale", "residual_scale", "logit_scale"), "phi4mini",
            Set.of("rotary_channels", "rope"));
        toLlama.forEach((what, keys) -> {
            List<String> obstacles = new LlamaFormat().obstacles(FamilyConfigs.architecture(FamilyConfigs.all().get(what)));
            assertTrue(keys.containsAll(obstacles) && !obstacles.isEmpty(), what + ": " + obstacles);
        });
        assertEquals(List.of("head_size"), new GptNeoxFormat().obstacles(read("llama", "'num_attention_heads': 6, 'head_dim': 4")));
        for (ModelFormat family : ModelFormat.ALL) {
            FamilyConfigs.all().forEach((what, json) -> {
                GptConfig config = FamilyConfigs.architecture(json);
                if (family.obstacles(config).isEmpty() && family instanceof LlamaKin) {
                    assertEquals(config, family.read(JsonFields.of(what, family.write(config))), what);
                }
            });
        }
    }

    /** Qwen 2.5's files have a number in sliding_window although use_sliding_window is false. */
    @Test
    void qwenHasWindowsOnlyWhereTheyAreUsed() {
        assertEquals(List.of(FULL, FULL), layers(read("qwen2", "")));
        assertEquals(List.of(FULL, FULL), layers(without("qwen2", "use_sliding_window")));
        assertEquals(List.of(FULL, window(5, LayerRope.MAIN)), layers(read("qwen2 with windows", "")));
        assertEquals(List.of(FULL, FULL), layers(read("qwen2 with windows", "'max_window_layers': 28")), "there is no layer 28");
        String types = "'layer_types': ['sliding_attention', 'full_attention']";
        assertEquals(List.of(window(5, LayerRope.MAIN), FULL), layers(read("qwen2 with windows", types)));
        refused("names layers with a window, but this config.json leaves out sliding_window or turns it off", "qwen2", types);
        refused("names 1 layers; num_hidden_layers is 2", "qwen3", "'layer_types': ['full_attention']");
        refused("names linear_attention, which is not supported; full_attention and sliding_attention are", "qwen3",
            "'layer_types': ['full_attention', 'linear_attention']");
    }

    @Test
    void biasesAreWhereTheFamilyHasThem() {
        assertTrue(read("qwen2", "").attention().qkvBias());
        assertFalse(read("qwen2", "").attention().outBias());
        GptConfig llama = read("llama", "'attention_bias': true");
        assertTrue(llama.attention().qkvBias() && llama.attention().outBias() && !llama.mlp().bias());
        assertTrue(read("llama", "'mlp_bias': true").mlp().bias());
        assertFalse(read("gpt_neox", "'attention_bias': false").attention().qkvBias());
        assertTrue(read("gpt_neox", "").attention().outBias());
        refused("attention_bias = true is not supported", "mistral", "'attention_bias': true");
    }

    @Test
    void headsAreAsWideAsTheConfigSays() {
        assertEquals(6, read("qwen3", "").attention().headSize());
        assertEquals(128, without("qwen3", "head_dim").attention().headSize());
        assertEquals(256, without("gemma", "head_dim").attention().headSize());
        assertEquals(4, read("llama", "'head_dim': null").attention().headSize());
        refused("head_dim = 4 is not supported", "stablelm2", "'head_dim': 4");
        refused("n_head = 5 does not divide n_embd = 16", "olmo2", "'num_attention_heads': 5, 'num_key_value_heads': 5");
    }

    @Test
    void queriesAndKeysAreNormalisedAsTheFamilyDoes() {
        assertEquals(QkNorm.HEAD, read("qwen3", "").attention().qkNorm());
        assertEquals(QkNorm.HEAD, read("gemma3", "").attention().qkNorm());
        assertEquals(QkNorm.ALL, read("olmo2", "").attention().qkNorm());
        assertEquals(QkNorm.HEAD_EACH, read("stablelm 12b", "").attention().qkNorm());
        assertEquals(QkNorm.NONE, read("stablelm2", "").attention().qkNorm());
    }

    /** Llama gives this name to the norm before the MLP, Gemma 2 and OLMo 2 to the norm after attention. */
    @Test
    void postAttentionLayernormIsWhatTheFamilyMeansByIt() {
        assertEquals("h.0.ln_2.weight", parameter("llama", "model.layers.0.post_attention_layernorm.weight"));
        assertEquals("h.0.ln_1_post.weight", parameter("gemma2", "model.layers.0.post_attention_layernorm.weight"));
        assertEquals("h.0.ln_2.weight", parameter("gemma2", "model.layers.0.pre_feedforward_layernorm.weight"));
        assertEquals("h.0.ln_2_post.weight", parameter("gemma3", "model.layers.0.post_feedforward_layernorm.weight"));
        assertEquals("h.0.ln_1_post.weight", parameter("olmo2", "model.layers.0.post_attention_layernorm.weight"));
        assertEquals(NormPlacement.POST, read("olmo2", "").norm().placement());
        assertEquals(NormPlacement.SANDWICH, read("gemma3", "").norm().placement());
        assertFalse(names("olmo2").contains("model.layers.0.input_layernorm.weight"));
    }

    private static String parameter(String what, String name) {
        ObjectNode json = FamilyConfigs.all().get(what);
        return ModelFormat.of(JsonFields.of(what, json)).tensors(FamilyConfigs.architecture(json)).stream()
            .filter(stored -> stored.name().equals(name)).findFirst().orElseThrow().slices().get(0).parameter();
    }

    private static Set<String> names(String what) {
        ObjectNode json = FamilyConfigs.all().get(what);
        return ModelFormat.of(JsonFields.of(what, json)).tensors(FamilyConfigs.architecture(json)).stream().map(ModelFormat.Stored::name)
            .collect(Collectors.toSet());
    }

    @Test
    void gemmasScalesCapsAndActivationsAreRead() {
        GptConfig gemma = read("gemma", "");
        assertTrue(gemma.norm().onePlusGain() && gemma.tieEmbeddings(), "tied if the file does not say");
        assertEquals(4.0, gemma.scales().embedding(), "√16, not rounded to another type");
        assertEquals(Activation.GEGLU_TANH, gemma.mlp().activation());
        assertEquals(Activation.GEGLU_TANH, read("gemma", "'hidden_activation': null").mlp().activation(),
            "hidden_act: gelu means the tanh form");
        refused("hidden_activation = \"gelu\" is not supported; gelu_pytorch_tanh is.", "gemma", "'hidden_activation': 'gelu'");
        GptConfig gemma2 = read("gemma2", "");
        assertEquals(1 / Math.sqrt(7), gemma2.attention().scale());
        assertEquals(List.of(5.0, 3.0), List.of(gemma2.attention().scoreCap(), gemma2.scales().logitCap()));
        assertEquals(50, without("gemma2", "attn_logit_softcapping").attention().scoreCap());
        assertTrue(Double.isInfinite(read("gemma2", "'attn_logit_softcapping': null").attention().scoreCap()));
        assertTrue(Double.isInfinite(read("gemma3", "").attention().scoreCap()));
    }

    @Test
    void gemmasWindowsAlternate() {
        assertEquals(List.of(window(5, LayerRope.MAIN), FULL), layers(read("gemma2", "")));
        assertEquals(List.of(window(4096, LayerRope.MAIN), FULL), layers(without("gemma2", "sliding_window")));
        assertEquals(List.of(window(5, LayerRope.LOCAL), FULL), layers(read("gemma3", "")));
        LayerConfig near = window(5, LayerRope.LOCAL);
        assertEquals(List.of(near, near, near, near, near, FULL, near), layers(read("gemma3",
            "'num_hidden_layers': 7, 'sliding_window_pattern': null, '_sliding_window_pattern': 6")));
        assertEquals(List.of(FULL, near), layers(read("gemma3", "'layer_types': ['full_attention', 'sliding_attention']")));
        refused("_sliding_window_pattern = 3 is another name of sliding_window_pattern = 2", "gemma3", "'_sliding_window_pattern': 3");
        refused("sliding_window_size = 4 is another name of sliding_window", "gemma2", "'sliding_window_size': 4");
    }

    @Test
    void gemma3HasTwoKindsOfRotaryPositions() {
        RopeConfig stretched = new RopeConfig(10_000, Optional.of(new RopeConfig.LinearScaling(8)));
        GptConfig old = read("gemma3", "'rope_scaling': {'rope_type': 'linear', 'factor': 8.0}");
        assertEquals(stretched, old.rope());
        assertEquals(new RopeConfig(500, Optional.empty()), old.localRope(), "never stretched");
        GptConfig nested = read("gemma3", "'rope_theta': null, 'rope_local_base_freq': null, 'rope_parameters': {'full_attention':"
            + " {'rope_type': 'linear', 'factor': 8.0, 'rope_theta': 10000.0}, 'sliding_attention': {'rope_type': 'default', "
            + "'rope_theta': 500.0}}");
        assertEquals(old, nested);
        assertEquals(1_000_000, without("gemma3", "rope_theta").rope().theta());
        refused("rope_theta = 10000.0 is not what the rotary settings say: rope_parameters.full_attention.rope_theta = 7.0", "gemma3",
            "'rope_parameters': {'full_attention': {'rope_theta': 7.0}}");
        refused("rope_scaling = {\"rope_type\":\"linear\",\"factor\":4.0} and rope_parameters differ", "gemma3",
            "'rope_scaling': {'rope_type': 'linear', 'factor': 4.0}, 'rope_parameters': {'full_attention': {'rope_theta': 10000.0}}");
    }

    @Test
    void ropeIsOffWhereSmolLm3SaysSo() {
        LayerConfig off = new LayerConfig(Optional.empty(), LayerRope.NONE);
        assertEquals(List.of(FULL, off), layers(read("smollm3", "")), "0 is off, despite the key's name");
        assertEquals(List.of(FULL, FULL, FULL, off, FULL), layers(read("smollm3", "'num_hidden_layers': 5, 'no_rope_layers': null")));
        assertEquals(List.of(FULL, window(9, LayerRope.NONE)), layers(read("smollm3", "'use_sliding_window': true, 'sliding_window': 9")));
        refused("no_rope_layers = [1] must be 0 or 1 for each of the 2 layers.", "smollm3", "'no_rope_layers': [1]");
    }

    @Test
    void rotaryPositionsAreReadInOldWordsAndNew() {
        for (String keys : List.of("'rotary_pct': 0.5, 'rotary_emb_base': 500", "'rotary_pct': null, 'rotary_emb_base': null,"
            + " 'rope_parameters': {'rope_type': 'default', 'rope_theta': 500.0, 'partial_rotary_factor': 0.5}")) {
            assertEquals(500, read("gpt_neox", keys).rope().theta());
            assertEquals(2, read("gpt_neox", keys).attention().rotaryChannels());
        }
        assertEquals(2, read("stablelm2", "'hidden_size': 20, 'partial_rotary_factor': 0.5").attention().rotaryChannels(), "⌊5 · 0.5⌋");
        refused("rotary_emb_base = 10000 is another name of rope_theta = 7.0", "gpt_neox", "'rope_theta': 7.0");
        assertEquals(2, read("gpt_neox", "'partial_rotary_factor': 0.5").attention().rotaryChannels(), "Transformers 4 writes both");
        refused("partial_rotary_factor = 1.0 is another name of rotary_pct, which is 0.5", "gpt_neox", "'partial_rotary_factor': 1.0");
        refused("partial_rotary_factor = 0.5 is another name of rotary_pct, which is 0.25 here", "gpt_neox",
            "'rotary_pct': null, 'partial_rotary_factor': 0.5");
        refused("partial_rotary_factor = 0.5 is not supported; it must be 1.", "qwen2", "'partial_rotary_factor': 0.5");
        refused("rope_scaling.type = \"yarn\" is not supported; default, linear and llama3 are.", "qwen3",
            "'rope_scaling': {'type': 'yarn', 'factor': 4.0, 'original_max_position_embeddings': 32768}");
        refused("rope_scaling.rope_type = \"dynamic\" is not supported", "llama",
            "'rope_scaling': {'rope_type': 'dynamic', 'factor': 2.0}");
    }

    /**
     * The context is the original one (32), for which the short factors are made. The factor of cos and sin comes from the longest context
     * divided by the original (256 / 32).
     */
    @Test
    void longRopeIsReadWithinTheFirstContext() {
        GptConfig phi = read("phi4mini", "");
        assertEquals(32, phi.contextLength());
        double magnitude = Math.sqrt(1 + Math.log(256 / 32.0) / Math.log(32));
        assertEquals(new RopeConfig.LongRopeScaling(List.of(1.5), magnitude), phi.rope().scaling().orElseThrow());
        assertEquals(phi, read("phi4mini", "'rope_scaling': {'type': 'su', 'short_factor': [1.5], 'long_factor': [9]}"));
        GptConfig recent = read("phi4mini", "'rope_scaling': null, 'partial_rotary_factor': null, 'original_max_position_embeddings': null,"
            + " 'rope_parameters': {'rope_type': 'longrope', 'rope_theta': 10000.0, 'short_factor': [1.5], 'long_factor': [3.5],"
            + " 'original_max_position_embeddings': 32, 'partial_rotary_factor': 0.5}");
        assertEquals(phi, recent);
        assertEquals(256, read("phi4mini", "'rope_scaling': null").contextLength());
        refused("short_factor = [\"a\"] must be numbers", "phi4mini",
            "'rope_scaling': {'type': 'longrope', 'short_factor': ['a'], 'long_factor': [9]}");
        refused("there are 2, but one is needed for each of the 2 / 2 pairs", "phi4mini",
            "'rope_scaling': {'type': 'longrope', 'short_factor': [1, 2], 'long_factor': [9, 9]}");
        refused("rope_scaling.long_mscale = 1.1 is not supported", "phi4mini",
            "'rope_scaling': {'type': 'longrope', 'short_factor': [1], 'long_factor': [9], 'long_mscale': 1.1}");
    }

    @Test
    void branchesAndActivationsOfNeoxAndStableLm() {
        assertEquals(Branches.PARALLEL, read("gpt_neox", "").branches(), "where the file does not say");
        assertEquals(Branches.SERIAL, read("gpt_neox, one after the other", "").branches());
        assertEquals(Activation.GELU, read("gpt_neox", "").mlp().activation(), "gelu is exact");
        assertEquals(Activation.GELU_TANH, read("gpt_neox, one after the other", "").mlp().activation());
        assertEquals(Branches.PARALLEL_ONE_NORM, read("stablelm 12b", "").branches());
        assertFalse(names("stablelm 12b").contains("model.layers.0.post_attention_layernorm.weight"));
        refused("hidden_act = \"silu\" is none of gelu, ", "gpt_neox", "'hidden_act': 'silu'");
    }

    @Test
    void granitesFourFactorsAreRead() {
        GptConfig granite = read("granite", "");
        assertEquals(List.of(12.0, 0.3, 0.22, 1 / 49.0), List.of(granite.scales().embedding(), granite.attention().scale(),
            granite.scales().residual(), granite.scales().logit()));
        assertEquals(49, new GraniteFormat().write(granite).get("logits_scaling").doubleValue(), "not 49.00000000000001");
        assertEquals(1, without("granite", "attention_multiplier").attention().scale(), "Transformers' default, not hs^-½");
    }

    @Test
    void familiesThatNothingHereComputesAreNamedWithTheReason() {
        Map<String, String> whys = Map.of("'model_type': 'qwen3_moe'", "it is a mixture of experts",
            "'model_type': 'new', 'num_local_experts': 8",
            "it is a mixture of experts", "'model_type': 'mamba2'", "it has recurrent or convolutional layers", "'model_type': 'lfm2',"
            + " 'conv_L_cache': 3", "it has recurrent", "'model_type': 'gemma3', 'text_config': {'hidden_size': 8}",
            "text_config). Gemma 3's 270M and 1B");
        whys.forEach((keys, why) -> refused(why, "llama", keys));
        refused("model_type = \"bloom\" is not supported; gpt2, llama, mistral, qwen2, qwen3, smollm3, gemma, gemma2, "
            + "gemma3_text, gpt_neox,"
            + " phi3, granite, olmo2, stablelm are, and what Inkling writes.", "llama", "'model_type': 'bloom'");
        refused("num_local_experts = 40 is not supported", "granite", "'num_local_experts': 40");
        refused("vision_config = {\"a\":1} is not supported", "gemma3", "'vision_config': {'a': 1}");
        refused("quantization_config = {\"bits\":4} is not supported", "qwen2", "'quantization_config': {'bits': 4}");
        refused("use_bidirectional_attention = true is not supported", "gemma3", "'use_bidirectional_attention': true");
    }
}
