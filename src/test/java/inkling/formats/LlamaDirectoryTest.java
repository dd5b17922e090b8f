package inkling.formats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.formats.family.LlamaFormat;
import inkling.formats.family.ModelFormat;
import inkling.io.tensors.SafetensorsWriter.Entry;
import inkling.model.Gpt;
import inkling.model.config.RopeConfig;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Model directories of Llama and similar models: weights that are transposed and fused, rotary settings, options. */
class LlamaDirectoryTest extends WrittenModels {
    @Test
    void llamaWeightsAreTransposedAndFused() {
        for (boolean tied : new boolean[] {true, false}) {
            try (Gpt llama = Gpt.initialise(Directories.llama(tied, RopeConfig.DEFAULT), manager, 3)) {
                Map<String, Object> json = Directories.llamaJson();
                json.put("tie_word_embeddings", tied);
                List<Entry> tensors = new ArrayList<>(Directories.tensors(llama, new LlamaFormat(), UnaryOperator.identity()));
                tensors.add(Entry.floats("model.layers.0.self_attn.rotary_emb.inv_freq", List.of(2L), new float[] {1, 0.01f}));
                Directories.write(directory, json, tensors);
                assertLoads(llama);
            }
        }
    }

    @Test
    void llamaPlacesEachValueWhereItBelongs() {
        List<Entry> tensors = new ArrayList<>();
        for (ModelFormat.Stored stored : new LlamaFormat().tensors(Directories.llama(true, RopeConfig.DEFAULT))) {
            float[] values = new float[(int) stored.shape().size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = (stored.name().contains("k_proj") ? 1000 : stored.name().contains("v_proj") ? 2000 : 0) + i;
            }
            List<Long> shape = new ArrayList<>();
            for (long d : stored.shape().getShape()) {
                shape.add(d);
            }
            tensors.add(Entry.floats(stored.name(), shape, values));
        }
        Directories.write(directory, Directories.llamaJson(), tensors);
        float[] fused = load().get("h.1.attn.c_attn.weight");            // (16, 16 + 8 + 8): q, k, v
        assertEquals(16 * 32, fused.length);
        assertEquals(3 * 16 + 5, fused[5 * 32 + 3]);                      // q_proj[3][5]
        assertEquals(1000 + 7 * 16 + 2, fused[2 * 32 + 16 + 7]);          // k_proj[7][2]
        assertEquals(2000 + 16 + 15, fused[15 * 32 + 24 + 1]);            // v_proj[1][15]
    }

    @Test
    void rotaryScalingIsReadUnderEveryName() {
        Map<String, Object> scaling = new LinkedHashMap<>(Map.of("factor", 8.0, "low_freq_factor", 1.0, "high_freq_factor", 4.0,
            "original_max_position_embeddings", 8192));
        RopeConfig expected = new RopeConfig(500_000, Optional.of(new RopeConfig.Llama3Scaling(8, 1, 4, 8192)));
        for (String key : List.of("rope_type", "type")) {
            Map<String, Object> old = Directories.llamaJson();
            old.put("rope_theta", 500000.0);
            old.put("rope_scaling", with(scaling, key, "llama3"));
            Directories.write(directory, old, List.of());
            assertEquals(expected, ModelDirectory.config(directory).rope());
        }
        Map<String, Object> recent = Directories.llamaJson();
        recent.put("rope_parameters", with(with(scaling, "rope_type", "llama3"), "rope_theta", 500000.0));
        Directories.write(directory, recent, List.of());
        assertEquals(expected, ModelDirectory.config(directory).rope());
        recent.put("rope_parameters", Map.of("rope_type", "default", "rope_theta", 500000.0));
        Directories.write(directory, recent, List.of());
        assertEquals(new RopeConfig(500_000, Optional.empty()), ModelDirectory.config(directory).rope());
    }

    @Test
    void thetaIsFoundWhereverItStandsAndMustBeTheSame() {
        Map<String, Object> inside = Map.of("rope_type", "default", "rope_theta", 500000.0);
        for (String key : List.of("rope_scaling", "rope_parameters")) {
            Directories.write(directory, with(Directories.llamaJson(), key, inside), List.of());
            assertEquals(500_000, ModelDirectory.config(directory).rope().theta());
            Directories.write(directory, with(with(Directories.llamaJson(), key, inside), "rope_theta", 500000), List.of());
            assertEquals(500_000, ModelDirectory.config(directory).rope().theta());
            String message = faultOf(with(with(Directories.llamaJson(), key, inside), "rope_theta", 10000.0), List.of());
            String expected = "rope_theta = 10000.0 is not what the rotary settings say: %s.rope_theta = 500000.0".formatted(key);
            assertTrue(message.contains(expected), message);
        }
        Map<String, Object> both = with(with(Directories.llamaJson(), "rope_scaling", inside), "rope_parameters",
            Map.of("rope_theta", 1e6));
        String message = faultOf(both, List.of());
        assertTrue(message.contains("and rope_parameters differ"), message);
    }

    @Test
    void unknownRotarySettingsAreNamed() {
        Map<String, Object> llama3 = Map.of("rope_type", "llama3", "factor", 8.0, "low_freq_factor", 1.0, "high_freq_factor", 4.0,
            "original_max_position_embeddings", 8192);
        Map.of("attention_factor", (Object) 0.5, "type", "default", "partial_rotary_factor", 0.5).forEach((key, value) -> {
            String message = faultOf(with(Directories.llamaJson(), "rope_scaling", with(llama3, key, value)), List.of());
            assertTrue(message.contains("rope_scaling.%s = ".formatted(key)), message);
        });
        String message = faultOf(with(Directories.llamaJson(), "rope_scaling", Map.of("rope_type", "default", "factor", 2.0)), List.of());
        assertTrue(message.contains("rope_scaling.factor = 2.0 is not supported"), message);
        message = faultOf(with(Directories.llamaJson(), "partial_rotary_factor", 0.5), List.of());
        assertTrue(message.contains("partial_rotary_factor = 0.5 is not supported"), message);
    }

    @Test
    void keysThatNobodyKnowsAreRefusedTogetherUnlessTheyAreOff() {
        for (Map<String, Object> json : List.of(Directories.gpt2Json(), Directories.llamaJson())) {
            Map<String, Object> off = with(with(with(json, "qk_norm", false), "sliding_window", null), "pruned_heads", Map.of());
            off.putAll(Map.of("use_cache", true, "transformers_version", "4.36.2", "architectures", List.of("X"),
                "eos_token_id", List.of(1, 2)));
            Directories.write(directory, off, List.of());
            assertEquals(17, ModelDirectory.config(directory).vocabSize());
            String message = faultOf(with(with(off, "qk_norm", true), "sliding_window", 4096), List.of());
            assertTrue(message.contains("qk_norm = true, sliding_window = 4096 is not supported: it may change what the model"), message);
        }
        String message = faultOf(with(Directories.gpt2Json(), "hidden_size", 16), List.of());
        assertTrue(message.contains("hidden_size = 16 is another name of n_embd = 8"), message);
        message = faultOf(with(Directories.llamaJson(), "layer_types", List.of("full_attention", "sliding_attention")), List.of());
        assertTrue(message.contains("layer_types = "), message);
    }

    @Test
    void unsupportedLlamaOptionsAreNamed() {
        Map<String, Object> unsupported = Map.of("hidden_act", "gelu", "head_dim", 7, "rope_scaling",
            Map.of("rope_type", "yarn", "factor", 2.0), "quantization_config", Map.of("bits", 4), "num_key_value_heads", 3);
        unsupported.forEach((key, value) -> {
            String message = faultOf(with(Directories.llamaJson(), key, value), List.of());
            String named = switch (key) {
                case "rope_scaling" -> "rope_scaling.rope_type = \"yarn\"";
                case "num_key_value_heads" -> "n_kv_head = 3";
                case "head_dim" -> "head_size = 7";
                default -> key;
            };
            assertTrue(message.contains(named), message);
        });
    }
}
