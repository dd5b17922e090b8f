package inkling.formats;

import static inkling.Says.says;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import inkling.Fixtures;
import inkling.engine.Devices;
import inkling.errors.ConfigException;
import inkling.errors.ModelFormatException;
import inkling.formats.family.GenerationSettings;
import inkling.model.Gpt;
import inkling.model.config.Activation;
import inkling.model.config.GptConfig;
import inkling.model.config.GptOptions;
import inkling.model.config.Positions;
import inkling.model.config.RopeConfig;
import inkling.tokenizer.SpecialIds;
import inkling.tokenizer.Tokenizer;
import inkling.tokenizer.huggingface.TokenizerFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class HuggingFaceExportTest {
    @TempDir
    Path directory;
    private final NDManager manager = Devices.manager(Device.cpu());

    @AfterEach
    void free() {
        manager.close();
    }

    private Path export(Gpt gpt) {
        Path to = directory.resolve("new/model");
        HuggingFaceExport.write(gpt, bare(SpecialIds.NONE), to);
        return to;
    }

    private static HuggingFaceExport.Beside bare(SpecialIds ids) {
        return new HuggingFaceExport.Beside(Optional.empty(), GenerationSettings.of(ids), Optional.empty());
    }

    private JsonNode config(Path exported) throws IOException {
        return new ObjectMapper().readTree(exported.resolve("config.json").toFile());
    }

    private static Stream<Path> models() {
        return Fixtures.models("data/tiny-random-gpt2", "data/gpt-nano-sort", "data/llama-stories260k", "pretrained/dickens-gpt2");
    }

    @ParameterizedTest
    @MethodSource("models")
    void importExportImportIsBitIdentical(Path original) {
        try (Gpt gpt = ModelDirectory.load(original, manager)) {
            Path exported = export(gpt);
            Map<String, ByteBuffer> before = Directories.bytes(original);
            assertEquals(before, Directories.bytes(exported));
            try (Gpt again = ModelDirectory.load(exported, manager)) {
                assertEquals(gpt.config(), again.config());
                Map<String, float[]> values = Directories.values(again);
                Directories.values(gpt).forEach((name, expected) -> assertArrayEquals(expected, values.get(name), 0f));
            }
        }
    }

    /** Other programs read these keys, because they do not know Inkling's section. */
    @Test
    void theConfigSaysTheArchitectureInTheFamilysOwnKeys() throws IOException {
        RopeConfig rope = new RopeConfig(500_000, Optional.of(new RopeConfig.Llama3Scaling(8, 1, 4, 16)));
        for (GptConfig config : new GptConfig[] {Directories.gpt2(true), Directories.gpt2(false), Directories.llama(true, rope),
            Directories.llama(false, RopeConfig.DEFAULT)}) {
            Path to = directory.resolve("m" + config.hashCode());
            try (Gpt gpt = Gpt.initialise(config, manager, 1)) {
                HuggingFaceExport.write(gpt, bare(SpecialIds.NONE.withEnds(16)), to);
            }
            JsonNode json = config(to);
            assertEquals(16, json.get("eos_token_id").intValue());
            ((com.fasterxml.jackson.databind.node.ObjectNode) json).remove("inkling");
            Files.writeString(to.resolve("config.json"), json.toString());
            assertEquals(config, ModelDirectory.config(to));
        }
    }

    @Test
    void biasesThatTheArchitectureLacksAreWrittenAsZerosAndDroppedAgain() {
        GptConfig bare = GptOptions.of(Directories.gpt2(true)).with(o -> o.bias(false).activation(Activation.RELU_SQUARED)).over(17);
        try (Gpt gpt = Gpt.initialise(bare, manager, 1)) {
            Path exported = export(gpt);
            ByteBuffer bias = Directories.bytes(exported).get("transformer.h.0.attn.c_attn.bias");
            assertEquals(ByteBuffer.allocate(24 * 4), bias);
            try (Gpt again = ModelDirectory.load(exported, manager)) {
                assertFalse(again.parameters().has("h.0.attn.c_attn.bias"));
                assertEquals(bare, again.config());
            }
        }
    }

    /** Another program may have continued training from such a file, and so changed its biases. */
    @Test
    void aBiasThatTheArchitectureLacksMustBeZero() throws IOException {
        try (Gpt gpt = Gpt.initialise(GptOptions.of(Directories.gpt2(true)).with(o -> o.bias(false)).over(17), manager, 1)) {
            Path exported = export(gpt);
            Path file = exported.resolve("model.safetensors");
            ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
            int header = (int) bytes.getLong(0);
            int begin = new ObjectMapper().readTree(new String(bytes.array(), 8, header, StandardCharsets.UTF_8))
                .get("transformer.h.0.attn.c_attn.bias").get("data_offsets").get(0).intValue();
            bytes.putFloat(8 + header + begin + 3 * Float.BYTES, 0.5f);
            Files.write(file, bytes.array());
            says(assertThrows(ModelFormatException.class, () -> ModelDirectory.load(exported, manager)).getMessage(),
                "transformer.h.0.attn.c_attn.bias is not zero", "has no such bias");
        }
    }

    @Test
    void whatTheNearestFamilyCannotExpressIsNamed() {
        GptConfig odd = GptOptions.DEFAULT.with(o -> o.nLayer(1).nHead(2).nKvHead(1).nEmbd(8).nInner(16).contextLength(6)
            .positions(Positions.ROPE).activation(Activation.GELU)).over(17);
        try (Gpt gpt = Gpt.initialise(odd, manager, 1)) {
            ModelFormatException e = assertThrows(ModelFormatException.class, () -> export(gpt));
            assertTrue(e.getMessage().contains("the nearest, gpt_neox, cannot express n_kv_head: 1."), e.getMessage());
        }
        assertFalse(Files.exists(directory.resolve("new")));
    }

    @Test
    void anExistingDirectoryIsNeverTouched() throws IOException {
        Files.writeString(directory.resolve("mine"), "precious");
        try (Gpt gpt = Gpt.initialise(Directories.gpt2(true), manager, 1)) {
            ConfigException e = assertThrows(ConfigException.class,
                () -> HuggingFaceExport.write(gpt, bare(SpecialIds.NONE), directory));
            assertTrue(e.getMessage().contains("exists already"), e.getMessage());
        }
        try (Stream<Path> files = Files.list(directory)) {
            assertEquals(Set.of(directory.resolve("mine")), files.collect(Collectors.toSet()));
        }
    }

    private static Stream<Path> modelsWithTokenizers() {
        return Fixtures.models("data/tiny-random-gpt2");
    }

    @ParameterizedTest
    @MethodSource("modelsWithTokenizers")
    void theTokenizerComesAlong(Path original) throws IOException {
        Tokenizer tokenizer = TokenizerFiles.find(original).orElseThrow();
        Path to = directory.resolve("out");
        try (Gpt gpt = ModelDirectory.load(original, manager)) {
            HuggingFaceExport.write(gpt, new HuggingFaceExport.Beside(Optional.of(tokenizer), ModelDirectory.generation(original),
                Optional.of(ChatTemplate.read(original))), to);
        }
        try (Stream<Path> files = Files.list(to)) {
            Set<String> written = files.map(file -> file.getFileName().toString()).collect(Collectors.toSet());
            for (String file : List.of("config.json", "model.safetensors", "tokenizer.json", "vocab.json", "merges.txt",
                "tokenizer_config.json", "generation_config.json", "special_tokens_map.json")) {
                assertEquals(Files.exists(original.resolve(file)), written.contains(file), file);
            }
        }
        String text = "Hello, <|endoftext|> naïve world!";
        assertArrayEquals(tokenizer.encode(text), TokenizerFiles.find(to).orElseThrow().encode(text));
        assertEquals(config(original).get("bos_token_id"), config(to).get("bos_token_id"));
        assertEquals(generation(original).get("eos_token_id").intValue(), generation(to).get("eos_token_id").intValue());
    }

    private JsonNode generation(Path model) throws IOException {
        return new ObjectMapper().readTree(model.resolve("generation_config.json").toFile());
    }
}
