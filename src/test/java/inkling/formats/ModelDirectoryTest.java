package inkling.formats;

import static inkling.Says.says;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.Fixtures;
import inkling.errors.ModelFormatException;
import inkling.formats.family.Gpt2Format;
import inkling.formats.family.LlamaFormat;
import inkling.io.tensors.Dtype;
import inkling.io.tensors.SafetensorsWriter.Entry;
import inkling.model.Gpt;
import inkling.model.config.Activation;
import inkling.model.config.GptConfig;
import inkling.model.config.RopeConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ModelDirectoryTest extends WrittenModels {
    @Test
    void namesMayHaveThePrefixOrNotAndACopyOfTheEmbeddingIsIgnored() {
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
    void aTensorNamedAttnBiasThatIsNoMaskIsRefused() {
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
            "Save the model again without this prefix, so that the first weight is called transformer.wte.weight.");
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
    void theBiasOfAttentionIsNotTakenForAMask() {
        List<Entry> without = tensors();
        without.removeIf(entry -> entry.name().endsWith("h.1.attn.c_attn.bias"));
        assertTrue(faultOf(Directories.gpt2Json(), without).contains("transformer.h.1.attn.c_attn.bias (24) is missing"));
    }

    @Test
    void optionsAreHonouredAndKeysOfOtherFamiliesIgnored() {
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
        assertTrue(message.contains("norm layer_norm"), "as a run file spells it: " + message);
        assertTrue(message.contains("transformer.h.2.ln_1.weight (8) is not part of this architecture"), message);
    }

    @Test
    void sizesBeyondReasonAreRefusedBeforeAnythingIsCounted() {
        assertTrue(faultOf(with(Directories.gpt2Json(), "n_layer", Integer.MAX_VALUE), tensors())
            .contains("n_layer = 2147483647 must be at most 16384."));
        assertTrue(faultOf(with(Directories.gpt2Json(), "n_embd", 1 << 30), tensors())
            .contains("n_embd = 1073741824 must be at most 1048576."));
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
}
