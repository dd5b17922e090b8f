package inkling.formats;

import static inkling.Says.says;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import inkling.Fixtures;
import inkling.engine.Devices;
import inkling.errors.ModelFormatException;
import inkling.formats.family.Gpt2Format;
import inkling.formats.family.LlamaFormat;
import inkling.formats.family.ModelFormat;
import inkling.io.tensors.Dtype;
import inkling.io.tensors.SafetensorsWriter.Entry;
import inkling.model.Gpt;
import inkling.model.config.Activation;
import inkling.model.config.GptConfig;
import inkling.model.config.RopeConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelDirectoryTest {
    @TempDir
    Path directory;
    private final NDManager manager = Devices.manager(Device.cpu());
    private final Gpt gpt2 = Gpt.initialise(Directories.gpt2(true), manager, 5);

    @AfterEach
    void free() {
        manager.close();
    }

    private List<Entry> tensors() {
        return new ArrayList<>(Directories.tensors(gpt2, new Gpt2Format(), UnaryOperator.identity()));
    }

    private Map<String, float[]> load() {
        try (Gpt gpt = ModelDirectory.load(directory, manager)) {
            return Directories.values(gpt);
        }
    }

    private void assertLoads(Gpt expected) {
        Map<String, float[]> loaded = load();
        assertEquals(expected.parameters().names(), List.copyOf(loaded.keySet()));
        Directories.values(expected).forEach((name, values) -> assertArrayEquals(values, loaded.get(name), 0f, name));
    }

    private String faultOf(Map<String, Object> config, List<Entry> tensors) {
        Directories.write(directory, config, tensors);
        ModelFormatException e = assertThrows(ModelFormatException.class, () -> ModelDirectory.load(directory, manager));
        assertEquals(4, e.exitCode().code());
        return e.getMessage();
    }

    @Test
    void namesMayHaveThePrefixOrNotAndACopyOfTheEmbeddingIsLeftAside() {
        List<Entry> bare = new ArrayList<>(Directories.tensors(gpt2, new Gpt2Format(), name -> name.replace("transformer.", "")));
        Directories.write(directory, Directories.gpt2Json(), bare);
        assertLoads(gpt2);
        List<Entry> old = tensors();
        float[] embedding = gpt2.parameters().get("wte.weight").toFloatArray();
        old.add(Entry.floats("lm_head.weight", List.of(17L, 8L), embedding));
        Directories.write(directory, Directories.gpt2Json(), old);
        assertLoads(gpt2);
    }

    @Test
    void anUnembeddingOfItsOwnIsNoCopyOfTheEmbedding() {
        float[] other = gpt2.parameters().get("wte.weight").toFloatArray();
        other[8 * 16 + 3] += 1;
        List<Entry> tensors = tensors();
        tensors.add(Entry.floats("lm_head.weight", List.of(17L, 8L), other));
        says(faultOf(Directories.gpt2Json(), tensors), "lm_head.weight differs from transformer.wte.weight at row 16, column 3",
            "set tie_word_embeddings to false");
        tensors.set(tensors.size() - 1, Directories.zeros("lm_head.weight", 18L, 8L));
        says(faultOf(Directories.gpt2Json(), tensors), "lm_head.weight is (18, 8), but transformer.wte.weight is (17, 8)");
    }

    @Test
    void wrappersAroundTheNamesAreTakenOff() {
        for (String wrapper : List.of("_orig_mod.", "module.", "base_model.model.", "module._orig_mod.", "_orig_mod.module.")) {
            Directories.write(directory, Directories.gpt2Json(),
                Directories.tensors(gpt2, new Gpt2Format(), name -> wrapper + name.replace("h.1.attn.", "h.1._orig_mod.attn.")));
            assertLoads(gpt2);
        }
    }

    @Test
    void aBiasIsARowAndNoMask() {
        List<Entry> more = tensors();
        more.add(Directories.zeros("transformer.h.0.attn.bias", 6L));
        more.add(Directories.zeros("transformer.h.1.attn.bias", 1L, 1L, 6L, 8L));
        String message = faultOf(Directories.gpt2Json(), more);
        assertTrue(message.contains("transformer.h.0.attn.bias (6) is not part of this architecture"), message);
        assertTrue(message.contains("transformer.h.1.attn.bias (1, 1, 6, 8) is not part of this architecture"), message);
    }

    @Test
    void aPrefixThatNobodyKnowsIsToldInOneLine() {
        List<String> expected = List.of("28 of its weights are there, but their names begin with net., which no gpt2 model has.",
            "Save the model again without that, so that the first is called transformer.wte.weight.");
        for (String prefix : List.of("net.transformer.", "net.")) {
            String message = faultOf(Directories.gpt2Json(),
                Directories.tensors(gpt2, new Gpt2Format(), name -> name.replace("transformer.", prefix)));
            expected.forEach(part -> assertTrue(message.contains(part), message));
            assertEquals(1, message.lines().count(), message);
        }
        try (Gpt llama = Gpt.initialise(Directories.llama(false, RopeConfig.DEFAULT), manager, 3)) {
            Map<String, Object> json = with(Directories.llamaJson(), "tie_word_embeddings", false);
            String message = faultOf(json, Directories.tensors(llama, new LlamaFormat(), name -> "language_model." + name));
            assertTrue(message.contains("names begin with language_model., which no llama model has"), message);
        }
    }

    @Test
    void theMaskRuleSparesTheBiasOfTheAttention() {
        List<Entry> without = tensors();
        without.removeIf(entry -> entry.name().endsWith("h.1.attn.c_attn.bias"));
        assertTrue(faultOf(Directories.gpt2Json(), without).contains("transformer.h.1.attn.c_attn.bias (24) is missing"));
    }

    @Test
    void optionsAreHonouredAndDecoysIgnored() {
        Map<String, Object> json = Directories.gpt2Json();
        json.put("activation_function", "relu");
        json.put("layer_norm_epsilon", 1e-3);
        json.put("n_inner", null);
        Directories.write(directory, json, List.of());
        GptConfig config = ModelDirectory.config(directory);
        assertEquals(32, config.mlp().nInner());
        assertEquals(Activation.RELU, config.mlp().activation());
        assertEquals(1e-3, config.norm().eps());
        Fixtures.sharedIfThere("data/tiny-random-gpt2").map(ModelDirectory::config).forEach(tiny -> {
            assertEquals(128, tiny.mlp().nInner());
            assertEquals(Activation.GELU_TANH, tiny.mlp().activation());
        });
    }

    @Test
    void everythingThatDoesNotFitIsToldAtOnceWithBothShapes() {
        List<Entry> wrong = tensors();
        wrong.removeIf(entry -> entry.name().matches("transformer\\.(ln_f\\.weight|h\\.0\\.mlp\\.c_fc\\.weight)"));
        wrong.add(Directories.zeros("transformer.h.0.mlp.c_fc.weight", 8L, 21L));
        wrong.add(Directories.zeros("transformer.h.2.ln_1.weight", 8L));
        String message = faultOf(Directories.gpt2Json(), wrong);
        assertTrue(message.contains("transformer.h.0.mlp.c_fc.weight is (8, 21), expected (8, 20)"), message);
        assertTrue(message.contains("transformer.ln_f.weight (8) is missing"), message);
        assertTrue(message.contains("transformer.h.2.ln_1.weight (8) is not part of this architecture"), message);
    }

    @Test
    void sizesBeyondReasonAreRefusedBeforeAnythingIsCounted() {
        assertTrue(faultOf(with(Directories.gpt2Json(), "n_layer", Integer.MAX_VALUE), tensors()).contains("n_layer = 2147483647 must be at most 16384."));
        assertTrue(faultOf(with(Directories.gpt2Json(), "n_embd", 1 << 30), tensors()).contains("n_embd = 1073741824 must be at most 1048576."));
        assertTrue(faultOf(with(Directories.llamaJson(), "max_position_embeddings", Integer.MAX_VALUE), tensors())
            .contains("context_length = 2147483647 must be at most 16777216."));
    }

    @Test
    void oneWeightUnderTwoNamesIsRefused() {
        List<Entry> twice = tensors();
        twice.add(Directories.zeros("wpe.weight", 6L, 8L));
        assertTrue(faultOf(Directories.gpt2Json(), twice).contains("transformer.wpe.weight and wpe.weight are the same weight twice"));
    }

    @Test
    void sixteenBitFilesLoadToTheExactWidenedValues() {
        // F16: 1.5, −2⁻²⁴ (subnormal), 65504, 0.1 rounded; BF16: 1.5, −3.0e38 rounded, π rounded, 2⁻¹³³ (subnormal)
        List<Entry> f16 = tensors();
        replaceWithHalves(f16, "transformer.h.0.ln_1.weight", Dtype.F16, 0x3E00, 0x8001, 0x7BFF, 0x2E66);
        replaceWithHalves(f16, "transformer.h.0.ln_1.bias", Dtype.BF16, 0x3FC0, 0xFF62, 0x4049, 0x0001);
        Directories.write(directory, Directories.gpt2Json(), f16);
        Map<String, float[]> loaded = load();
        float[] half = loaded.get("h.0.ln_1.weight");
        assertArrayEquals(new float[] {1.5f, (float) -Math.pow(2, -24), 65504f, 0x1.998p-4f}, java.util.Arrays.copyOf(half, 4), 0f);
        float[] brain = loaded.get("h.0.ln_1.bias");
        assertArrayEquals(new float[] {1.5f, Float.intBitsToFloat(0xFF620000), 3.140625f, Float.intBitsToFloat(0x00010000)},
            java.util.Arrays.copyOf(brain, 4), 0f);
    }

    private static void replaceWithHalves(List<Entry> tensors, String name, Dtype dtype, int... bits) {
        short[] all = new short[8];
        for (int i = 0; i < bits.length; i++) {
            all[i] = (short) bits[i];
        }
        tensors.replaceAll(e -> e.name().equals(name) ? Directories.halves(name, dtype, List.of(8L), all) : e);
    }

    @Test
    void shardsWithTheirIndexLoadAsTheOneFile() throws IOException {
        List<Entry> all = tensors();
        Directories.write(directory, Directories.gpt2Json(), List.of());
        Files.delete(directory.resolve("model.safetensors"));
        Directories.safetensors(directory.resolve("a.safetensors"), all.subList(0, 9));
        Directories.safetensors(directory.resolve("b.safetensors"), all.subList(9, all.size()));
        StringBuilder map = new StringBuilder();
        for (int i = 0; i < all.size(); i++) {
            map.append(i == 0 ? "" : ",").append("\"%s\":\"%s.safetensors\"".formatted(all.get(i).name(), i < 9 ? "a" : "b"));
        }
        Files.writeString(directory.resolve("model.safetensors.index.json"), "{\"weight_map\":{" + map + "}}");
        assertLoads(gpt2);
        Files.delete(directory.resolve("b.safetensors"));
        ModelFormatException e = assertThrows(ModelFormatException.class, () -> ModelDirectory.load(directory, manager));
        assertTrue(e.getMessage().contains("b.safetensors") && e.getMessage().endsWith("Fetch the missing file."), e.getMessage());
    }

    @Test
    void directoriesThatCannotBeReadSayWhatToDo() throws IOException {
        ModelFormatException e = assertThrows(ModelFormatException.class, () -> ModelDirectory.config(directory));
        assertTrue(e.getMessage().contains("there is no config.json"), e.getMessage());
        Directories.write(directory, Directories.gpt2Json(), List.of());
        Files.move(directory.resolve("model.safetensors"), directory.resolve("pytorch_model.bin"));
        e = assertThrows(ModelFormatException.class, () -> ModelDirectory.load(directory, manager));
        assertTrue(e.getMessage().contains("loading one can run code"), e.getMessage());
        assertTrue(e.getMessage().contains("safe_serialization=True"), e.getMessage());
        Map<String, Object> bloom = Directories.gpt2Json();
        bloom.put("model_type", "bloom");
        String message = faultOf(bloom, List.of());
        assertTrue(message.contains("model_type = \"bloom\" is not supported; gpt2, llama, mistral,"), message);
    }

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
        Map<String, Object> both = with(with(Directories.llamaJson(), "rope_scaling", inside), "rope_parameters", Map.of("rope_theta", 1e6));
        String message = faultOf(both, List.of());
        assertTrue(message.contains("and rope_parameters differ"), message);
    }

    @Test
    void whatRotarySettingsAreNotKnownIsNamed() {
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

    private static Map<String, Object> with(Map<String, Object> map, String key, Object value) {
        Map<String, Object> more = new LinkedHashMap<>(map);
        more.put(key, value);
        return more;
    }

    @Test
    void whatLlamaOptionsAreNotSupportedIsNamed() {
        Map<String, Object> unsupported = Map.of("hidden_act", "gelu", "head_dim", 7, "rope_scaling", Map.of("rope_type", "yarn", "factor", 2.0), "quantization_config", Map.of("bits", 4), "num_key_value_heads", 3);
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
