package inkling.formats.family;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.engine.Devices;
import inkling.formats.Directories;
import inkling.formats.HuggingFaceExport;
import inkling.formats.ModelDirectory;
import inkling.model.Gpt;
import inkling.reference.FamilyFixture;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Reads and writes model directories of popular families. {@link FamilyFixture} reads the expected weights by independent code. */
class FamilyDirectoriesTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    @TempDir
    Path directory;
    private final NDManager manager = Devices.manager(Device.cpu());

    @AfterEach
    void free() {
        manager.close();
    }

    static List<String> families() {
        return FamilyFixture.names();
    }

    @ParameterizedTest
    @MethodSource("families")
    void architectureAndWeightsAreReadAsTheFamilyMeansThem(String name) throws IOException {
        FamilyFixture expected = FamilyFixture.read(name);
        try (Gpt gpt = ModelDirectory.load(FamilyFixture.directory(name), manager)) {
            assertEquals(expected.config(), gpt.config());
            assertEquals(expected.weights().keySet(), gpt.parameters().asMap().keySet());
            expected.weights().forEach((parameter, values) -> {
                float[] floats = new float[values.length];
                for (int i = 0; i < floats.length; i++) {
                    floats[i] = (float) values[i];
                }
                assertArrayEquals(floats, gpt.parameters().get(parameter).toFloatArray(), parameter);
            });
        }
    }

    @ParameterizedTest
    @MethodSource("families")
    void anImportedModelIsExportedUnchanged(String name) throws IOException {
        Path original = FamilyFixture.directory(name);
        Path to = directory.resolve("out");
        try (Gpt gpt = ModelDirectory.load(original, manager)) {
            HuggingFaceExport.write(gpt, new HuggingFaceExport.Beside(Optional.empty(), ModelDirectory.generation(original),
                Optional.empty()), to);
            assertEquals(Directories.bytes(original), Directories.bytes(to));
            ObjectNode written = (ObjectNode) JSON.readTree(to.resolve("config.json").toFile());
            written.remove("inkling");
            assertEquals(JSON.readTree(original.resolve("config.json").toFile()), written);
            assertEquals(gpt.config(), ModelDirectory.config(to));
        }
    }
}
