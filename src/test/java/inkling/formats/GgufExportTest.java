package inkling.formats;

import static inkling.Says.says;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.Fixtures;
import inkling.errors.ConfigException;
import inkling.errors.ModelFormatException;
import inkling.formats.HuggingFaceExport.Beside;
import inkling.formats.family.GenerationSettings;
import inkling.io.gguf.GgufEdit;
import inkling.io.gguf.GgufFile;
import inkling.io.gguf.GgufType;
import inkling.model.Gpt;
import inkling.model.Mode;
import inkling.model.Probe;
import inkling.model.config.Activation;
import inkling.model.config.GptConfig;
import inkling.model.config.GptOptions;
import inkling.model.config.LayerConfig;
import inkling.model.config.LayerRope;
import inkling.model.config.Norm;
import inkling.model.config.Positions;
import inkling.tokenizer.CharTokenizer;
import inkling.tokenizer.SpecialIds;
import inkling.tokenizer.Tokenizer;
import inkling.tokenizer.huggingface.TokenizerFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Reads again what was written as GGUF. The module {@code compat} tests what llama.cpp makes of it. */
class GgufExportTest extends WrittenGguf {
    private static final int[] IDS = {5, 16, 0, 7, 9, 11, 250, 31, 2, 2, 17, 99};
    /** The models of {@link FamilyConfigs} that llama.cpp cannot compute, each with an option that stands in the way. */
    private static final Map<String, String> OBSTACLES = Map.of("mistral", "layers", "qwen2 with windows", "layers", "phi3", "layers",
        "smollm3", "layers", "gemma2", "attention_scale", "gemma3", "layers");

    private float[] logits(Gpt gpt) {
        try (NDManager scope = manager.newSubManager()) {
            return gpt.forward(scope.create(IDS).expandDims(0), Mode.EVAL, Probe.NONE).toFloatArray();
        }
    }

    private void assertSame(Gpt expected, Gpt read, float tolerance) {
        assertEquals(expected.parameters().names(), read.parameters().names());
        assertArrayEquals(logits(expected), logits(read), tolerance);
    }

    static Stream<String> expressible() {
        return FamilyConfigs.all().keySet().stream().filter(name -> !OBSTACLES.containsKey(name));
    }

    /** A gain w that the model adds to 1 is written as 1 + w, which may lose the last bits of w. The logits are still the same. */
    @Tag("thorough")
    @ParameterizedTest
    @MethodSource("expressible")
    void aModelWithoutObstaclesComesBackWithTheSameWeightsAndLogits(String name) {
        try (Gpt gpt = family(sized(FamilyConfigs.all().get(name)))) {
            Path file = write(gpt, words, GgufType.F32);
            try (Gpt read = ModelDirectory.load(file, manager)) {
                assertEquals(gpt.config(), read.config());
                gpt.parameters().asMap().forEach((parameter, array) -> {
                    if (!gpt.config().norm().onePlusGain() || !gpt.layout().spec(parameter).role().equals(
                        inkling.model.ParameterSpec.Role.NORM_GAIN)) {
                        assertArrayEquals(array.toFloatArray(), read.parameters().get(parameter).toFloatArray(), parameter);
                    }
                });
                assertSame(gpt, read, 0);
            }
        }
    }

    /** Reads files that have llama.cpp's own keys alone, as other programs write them. */
    @Tag("thorough")
    @ParameterizedTest
    @MethodSource("expressible")
    void theKeysOfLlamaCppTellTheSameModel(String name) {
        ObjectNode config = sized(FamilyConfigs.all().get(name));
        if (config.path("hidden_act").asText().equals("gelu_new")) {
            config.put("hidden_act", "gelu");               // GPT-NeoX's usual activation: no key tells the activation
        }
        try (Gpt gpt = family(config)) {
            Path file = GgufEdit.foreign(write(gpt, words, GgufType.F32), directory.resolve("foreign.gguf"));
            try (Gpt read = ModelDirectory.load(file, manager)) {
                assertSame(gpt, read, 1e-5f);                // keys are floats
                assertEquals(SpecialIds.of(words).ends(), ModelDirectory.generation(file).special(Optional.empty()).ends());
            }
            assertArrayEquals(words.encode("Bruno thinks  of é<|endoftext|>"),
                TokenizerFiles.find(file).orElseThrow().encode("Bruno thinks  of é<|endoftext|>"));
        }
    }

    @Test void ourOwnTrainedModelsComeBackAndSmallerTypesStayNear() throws IOException {
        for (String model : List.of("gpt2", "llama")) {
            Path original = Fixtures.own(model);
            Beside beside = new Beside(Optional.of(words), ModelDirectory.generation(original), Optional.of(ChatTemplate.read(original)));
            try (Gpt gpt = ModelDirectory.load(original, manager)) {
                float[] right = logits(gpt);
                for (GgufType type : GgufType.values()) {
                    Path file = directory.resolve(model + "-" + type.word() + ".gguf");
                    GgufExport.write(gpt, beside, file, type);
                    try (Gpt read = ModelDirectory.load(file, manager)) {
                        float tolerance = switch (type) {
                            case F32 -> 0;
                            case F16 -> 0.05f;
                            case BF16 -> 0.3f;
                            case Q8_0 -> 0.5f;
                        };
                        assertArrayEquals(right, logits(read), tolerance, model + " " + type);
                    }
                }
                assertTrue(Files.size(directory.resolve(model + "-f16.gguf")) < 0.8 * Files.size(directory.resolve(model + "-f32.gguf")));
            }
        }
    }

    @Test void theFileCarriesTheTokenizerTheTemplateAndTheEnds() {
        Path original = Fixtures.own("gpt2");
        try (Gpt gpt = ModelDirectory.load(original, manager)) {
            Path file = directory.resolve("a.gguf");
            String template = "{{ messages[0].content }}";
            GgufExport.write(gpt, new Beside(Optional.of(words), ModelDirectory.generation(original),
                Optional.of(new ChatTemplate(Optional.empty(), Optional.of(template)))), file, GgufType.F16);
            assertArrayEquals(TokenizerFiles.json(words), TokenizerFiles.json(TokenizerFiles.find(file).orElseThrow()));
            assertEquals(Optional.of(template), ChatTemplate.read(file).text());
            assertEquals(ModelDirectory.generation(original).special(Optional.of(words)),
                ModelDirectory.generation(file).special(TokenizerFiles.find(file)));
            try (GgufFile gguf = GgufFile.open(file)) {
                assertEquals("gpt2", gguf.metadata().requireText("general.architecture"));
                assertEquals(1, gguf.metadata().requireCount("general.file_type"));
                assertEquals(GgufType.F16, gguf.tensor("blk.0.attn_qkv.weight").type());
                assertEquals(GgufType.F32, gguf.tensor("blk.0.attn_qkv.bias").type());
                assertEquals(GgufType.F32, gguf.tensor("position_embd.weight").type());
            }
        }
    }

    @Test void aCharTokenizerComesBack() {
        Tokenizer characters = CharTokenizer.fit("abcdefgh\n é漢😊\\");
        GptConfig config = GptOptions.DEFAULT.with(o -> o.nLayer(1).nHead(2).nEmbd(32).contextLength(16)).over(characters.vocabSize());
        try (Gpt gpt = Gpt.initialise(config, manager, 1)) {
            Path file = write(gpt, characters, GgufType.F32);
            assertArrayEquals(characters.encode("fade\né 漢😊\\"), TokenizerFiles.find(file).orElseThrow().encode("fade\né 漢😊\\"));
        }
    }

    @Test void whatLlamaCppCannotComputeIsNamed() {
        OBSTACLES.forEach((name, obstacle) -> {
            try (Gpt gpt = family(sized(FamilyConfigs.all().get(name)))) {
                String message = assertThrows(ModelFormatException.class, () -> write(gpt, words, GgufType.F32), name).getMessage();
                says(message, "no GGUF form", obstacle + ": ");
            }
        });
        for (String family : List.of("qwen2", "olmo2", "phi4mini")) {
            refused(FamilyConfigs.architecture(FamilyConfigs.with(family, "'vocab_size': 320, 'head_dim': 8, 'rope_scaling': null")),
                "cannot compute head_size: 8");
        }
        GptOptions gpt2 = GptOptions.DEFAULT.with(o -> o.nLayer(1).nHead(2).nEmbd(32).contextLength(16));
        refused(gpt2.with(o -> o.activation(Activation.GELU)), "gpt2 cannot compute activation: gelu");
        refused(gpt2.with(o -> o.activation(Activation.RELU_SQUARED)), "activation: relu_squared");
        refused(gpt2.with(o -> o.positions(Positions.NONE)), "positions: none");
        GptOptions llama = gpt2.with(o -> o.positions(Positions.ROPE).norm(Norm.RMS_NORM).activation(Activation.SWIGLU).bias(false));
        refused(llama.with(o -> o.layers(List.of(new LayerConfig(Optional.of(5), LayerRope.MAIN)))), "layers: ");
        refused(llama.with(o -> o.tieEmbeddings(true).onePlusGain(true).activation(Activation.GEGLU_TANH).tieEmbeddings(false)
            .embeddingScale(Math.sqrt(32))), "tie_embeddings: false");
    }

    /** In GGUF, Llama 3's scaling is a tensor of factors. llama.cpp refuses a file with a tensor that the architecture does not load. */
    @Test void llama3sScalingIsWrittenOnlyForAnArchitectureThatLoadsIt() {
        String llama3 = """
            'vocab_size': 320, 'rope_scaling': {'rope_type': 'llama3', 'factor': 8.0, 'low_freq_factor': 1.0, 'high_freq_factor': 4.0,
            'original_max_position_embeddings': 64}""";
        refused(FamilyConfigs.architecture(FamilyConfigs.with("phi4mini", llama3)), "phi3 cannot compute rope: ");
        refused(FamilyConfigs.architecture(FamilyConfigs.with("qwen3", llama3)), "qwen3 cannot compute rope: ");
    }

    private void refused(GptOptions options, String... parts) {
        refused(options.over(320), parts);
    }

    @Test void nothingIsOverwritten() throws IOException {
        try (Gpt gpt = ModelDirectory.load(Fixtures.own("gpt2"), manager)) {
            Files.writeString(directory.resolve("model-f32.Modelfile"), "mine");
            says(assertThrows(ConfigException.class, () -> write(gpt, words, GgufType.F32)).getMessage(), "model-f32.Modelfile",
                "exists already");
            assertFalse(Files.exists(directory.resolve("model-f32.gguf")));
            Files.writeString(directory.resolve("model-q8_0.gguf"), "mine");
            says(assertThrows(ConfigException.class, () -> write(gpt, words, GgufType.Q8_0)).getMessage(), "model-q8_0.gguf",
                "exists already");
            assertEquals("mine", Files.readString(directory.resolve("model-q8_0.gguf")));
            Beside none = new Beside(Optional.empty(), GenerationSettings.of(SpecialIds.NONE), Optional.empty());
            says(assertThrows(ModelFormatException.class, () -> GgufExport.write(gpt, none, directory.resolve("b.gguf"), GgufType.F16))
                .getMessage(), "no tokenizer", "--tokenizer PATH");
        }
    }
}
