package inkling.formats;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.ObjectMapper;
import inkling.checkpoint.CheckpointStore;
import inkling.engine.Devices;
import inkling.formats.family.GenerationSettings;
import inkling.formats.family.Gpt2Format;
import inkling.io.DurableFiles;
import inkling.io.tensors.SafetensorsFile;
import inkling.io.tensors.TensorInfo;
import inkling.model.Gpt;
import inkling.model.config.GptConfig;
import inkling.perf.ParameterTally;
import inkling.run.RunArchitecture;
import inkling.runfile.ConfigFile;
import inkling.runfile.RunConfig;
import inkling.tokenizer.SpecialIds;
import inkling.tokenizer.TokenizerConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What {@code params} counts is what a checkpoint's model.safetensors holds. */
class StoredElementsTest {
    /** A model of up to so many parameters is written to a real file. Of a larger one, only the shapes are counted. */
    private static final long SMALL = 2_000_000;
    /** The characters of Tiny Shakespeare; a char tokenizer's vocabulary is known only with its text. */
    private static final int CHARACTERS = 65;

    @TempDir
    Path directory;
    private final NDManager manager = Devices.manager(Device.cpu());

    @AfterEach
    void free() {
        manager.close();
    }

    static Stream<Path> shipped() throws IOException {
        return Files.list(Path.of("configs")).filter(path -> path.toString().endsWith(".yaml")).sorted();
    }

    /** The architecture of a run file's model. A run file that fine-tunes the model of another run has the other's architecture. */
    private static GptConfig architecture(Path file) {
        RunConfig config = ConfigFile.read(file, List.of());
        if (config.model().initFrom().isPresent()) {
            return architecture(file.resolveSibling(config.model().initFrom().get() + ".yaml"));
        }
        boolean characters = config.data().tokenizer().orElseThrow() instanceof TokenizerConfig.CharTokenizerConfig;
        return RunArchitecture.of(config, Path.of("none"), characters ? OptionalInt.of(CHARACTERS) : OptionalInt.empty());
    }

    private Path save(Gpt gpt) {
        return new CheckpointStore(directory, DurableFiles.SYSTEM)
            .save(1, ModelDirectory.content(gpt, GenerationSettings.of(SpecialIds.NONE)));
    }

    private static long elements(Path checkpoint) {
        try (SafetensorsFile file = SafetensorsFile.open(checkpoint.resolve("model.safetensors"))) {
            return file.tensors().values().stream().mapToLong(TensorInfo::elements).sum();
        }
    }

    @ParameterizedTest
    @MethodSource("shipped")
    void parametersAreTheElementsOfTheWeightFile(Path file) {
        GptConfig config = architecture(file);
        long parameters = ParameterTally.of(config).parameters();
        assertEquals(parameters, ModelDirectory.stored(config).stream().mapToLong(stored -> stored.shape().size()).sum());
        if (parameters <= SMALL) {
            try (Gpt gpt = Gpt.initialise(config, manager, 1)) {
                assertEquals(parameters, elements(save(gpt)));
            }
        }
    }

    /** Without such run files, the test above might write no file at all, or see no model without biases in GPT-2's form. */
    @Test
    void theShippedRunFilesHaveSmallAndLargeModelsWithAndWithoutBiases() throws IOException {
        Map<String, Long> sizes = new TreeMap<>();
        for (Path file : shipped().toList()) {
            sizes.put(file.getFileName().toString(), ParameterTally.of(architecture(file)).parameters());
        }
        assertEquals(804_096, sizes.get("shakespeare-char.yaml"));
        assertEquals(124_439_808, sizes.get("gpt2-124m.yaml"));
        assertTrue(architecture(Path.of("configs/dickens.yaml")).mlp().bias());
        GptConfig shakespeare = architecture(Path.of("configs/shakespeare-char.yaml"));
        assertTrue(!shakespeare.mlp().bias() && new Gpt2Format().obstacles(shakespeare).isEmpty());
    }

    @Test
    void aCheckpointWithoutBiasesIsStillGpt2sFormAndLoads() throws IOException {
        try (Gpt gpt = Gpt.initialise(architecture(Path.of("configs/shakespeare-char.yaml")), manager, 7)) {
            Path checkpoint = save(gpt);
            var json = new ObjectMapper().readTree(checkpoint.resolve("config.json").toFile());
            assertEquals("gpt2", json.get("model_type").asText());
            try (Gpt again = ModelDirectory.load(checkpoint, manager)) {
                assertEquals(gpt.config(), again.config());
                assertSameValues(gpt, again);
            }
        }
    }

    /** Such a file has 5,760 zeros more. Earlier versions wrote it, and exports still do. */
    @Test
    void aCheckpointWithZerosForMissingBiasesLoadsToTheSameModel() {
        try (Gpt gpt = Gpt.initialise(architecture(Path.of("configs/shakespeare-char.yaml")), manager, 7)) {
            Path checkpoint = new CheckpointStore(directory, DurableFiles.SYSTEM).save(1,
                ModelDirectory.content(gpt, GenerationSettings.of(SpecialIds.NONE), new Gpt2Format()));
            assertEquals(804_096 + 5_760, elements(checkpoint));
            try (Gpt again = ModelDirectory.load(checkpoint, manager)) {
                assertSameValues(gpt, again);
            }
        }
    }

    private static void assertSameValues(Gpt expected, Gpt actual) {
        assertEquals(expected.parameters().names(), actual.parameters().names());
        Map<String, float[]> values = Directories.values(actual);
        Directories.values(expected).forEach((name, array) -> assertArrayEquals(array, values.get(name), 0f, name));
    }
}
