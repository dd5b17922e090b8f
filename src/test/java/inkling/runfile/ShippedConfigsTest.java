package inkling.runfile;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ShippedConfigsTest {
    static Stream<Path> shipped() throws IOException {
        return Files.list(Path.of("configs")).filter(p -> p.toString().endsWith(".yaml")).sorted();
    }

    @ParameterizedTest
    @MethodSource("shipped")
    void everyShippedRunFileLoadsUnderItsOwnName(Path file) {
        RunConfig config = ConfigFile.read(file, List.of());
        assertEquals(file.getFileName().toString(), config.name() + ".yaml");
    }

    @ParameterizedTest
    @MethodSource("shipped")
    void everyShippedRunFileSurvivesTheRoundTrip(Path file) {
        RunConfig config = ConfigFile.read(file, List.of());
        String written = config.toYaml();
        assertEquals(config, ConfigFile.parse(written, "config.yaml", List.of()));
        assertEquals(written, ConfigFile.parse(written, "config.yaml", List.of()).toYaml());
    }

    /**
     * Karpathy's nanoGPT counts 0.80 M and 10.65 M parameters for these two, positions not counted. Nearly all of them are in the matrices
     * of the blocks, which this test counts.
     */
    @Test
    void theShakespeareModelsHaveNanoGptsSizes() {
        assertEquals(4L * 12 * 128 * 128, blockWeights("configs/shakespeare-char.yaml"));
        assertEquals(6L * 12 * 384 * 384, blockWeights("configs/shakespeare-char-gpu.yaml"));
    }

    private static long blockWeights(String file) {
        var gpt = ConfigFile.read(Path.of(file), List.of()).model().toGptConfig(65);
        return (long) gpt.nLayer() * gpt.nEmbd() * (gpt.attention().qkvWidth() + gpt.nEmbd() + 2L * gpt.mlp().nInner());
    }
}
