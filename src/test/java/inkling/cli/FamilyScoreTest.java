package inkling.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.io.tensors.SafetensorsFile;
import inkling.reference.FamilyFixture;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code score --logits} of a model directory gives the logits of {@link FamilyFixture}, which were computed in double precision. */
@Tag("process")
class FamilyScoreTest {
    /** The largest difference, as a share of the spread of all logits. */
    private static final double ALLOWED = 1e-4;

    @TempDir Path directory;

    @Test void logitsOfEveryFamily() throws Exception {
        try (Shell shell = Shell.in(directory)) {
            for (String name : FamilyFixture.names()) {
                FamilyFixture expected = FamilyFixture.read(name);
                String ids = Arrays.stream(expected.ids()).mapToObj(Integer::toString).collect(Collectors.joining(","));
                Shell.Result result = shell.run("score", FamilyFixture.directory(name).toAbsolutePath().toString(), "--prompt-ids", ids,
                    "--logits", name + ".safetensors", "--json");
                assertEquals(0, result.exit(), result.err());
                try (SafetensorsFile file = SafetensorsFile.open(directory.resolve(name + ".safetensors"))) {
                    double worst = worst(expected.logits(), file.floats("logits"));
                    assertTrue(worst <= ALLOWED, name + " is off by " + worst + " of the spread");
                }
            }
        }
    }

    private static double worst(double[] expected, float[] actual) {
        assertEquals(expected.length, actual.length);
        double spread = Arrays.stream(expected).max().orElseThrow() - Arrays.stream(expected).min().orElseThrow();
        double worst = 0;
        for (int i = 0; i < expected.length; i++) {
            worst = Math.max(worst, Math.abs(expected[i] - actual[i]) / spread);
        }
        return worst;
    }
}
