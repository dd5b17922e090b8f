package inkling.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import inkling.io.tensors.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Run directories made by version 0.1.0 load, sample and resume with the same results as in that version. {@code README.md} beside them
 * describes each. The comparison allows for processors that round differently; {@code bench/runs-0.1 check} compares every bit on one
 * machine.
 */
@Tag("process")
class OldRunsTest {
    private static final Path RUNS = Path.of("src/test/resources/inkling/runs-0.1");
    private static final double TOLERANCE = 1e-4;
    /** A share of how far a tensor moved. Adam makes a whole step even for a gradient so small that rounding may turn its sign. */
    private static final double WEIGHTS_TOLERANCE = 1e-2;

    @TempDir
    static Path directory;
    private static Shell shell;
    private static JsonNode runs;

    @BeforeAll
    static void copyAll() throws IOException {
        try (Stream<Path> files = Files.walk(RUNS)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path target = directory.resolve(RUNS.relativize(file).toString());
                Files.createDirectories(target.getParent());
                Files.copy(file, target);
            }
        }
        shell = Shell.in(directory);
        runs = Recorded.read(RUNS.resolve("expected.json"));
    }

    @AfterAll
    static void end() throws Exception {
        shell.close();
    }

    /** One test for both stages of a run: the stopped run must be checked before the resume, which changes it. */
    @ParameterizedTest
    @ValueSource(strings = {"characters", "pieces", "adapters", "files", "beginning", "wide", "talk"})
    void aRunOfTheFirstVersionSamplesAndResumesAsItDid(String name) throws IOException {
        JsonNode expected = runs.get(name);
        Path run = directory.resolve("checkpoints").resolve(name);
        Path stopped = last(run);
        assertLogitsAndSamples(expected, expected.get("stopped"), name);
        String metrics = Files.readString(run.resolve("metrics.csv"));

        List<String> changes = Recorded.strings(expected.get("resume"));
        Shell.Result resumed = shell.run(Recorded.withSettings(List.of("train", "--resume", name), changes));
        assertEquals(0, resumed.exit(), resumed.err());
        assertTrue(resumed.err().contains("Resuming checkpoints/" + name + " from " + stopped.getFileName()), resumed.err());
        assertTrue(Files.readString(run.resolve("metrics.csv")).startsWith(metrics), "earlier rows stay");

        JsonNode ended = expected.get("ended");
        Recorded.assertMetrics(ended, run, TOLERANCE);
        assertLogitsAndSamples(expected, ended, name);
        Path before = RUNS.resolve("checkpoints").resolve(name).resolve(stopped.getFileName());
        assertWeights(ended, before, last(run));
    }

    private static void assertLogitsAndSamples(JsonNode expected, JsonNode stage, String name) throws IOException {
        String prompt = expected.get("prompt").asText();
        String model = "checkpoints/" + name + "/last";
        Recorded.assertLogits(stage, shell, model, prompt, stage == expected.get("stopped") ? TOLERANCE : 10 * TOLERANCE);
        Recorded.assertGreedy(stage, shell, model, prompt);
        Recorded.assertSampled(stage, shell, model, prompt);
    }

    /** Each trained tensor has the recorded norm, and its distance from the stopped run is the recorded one. */
    private static void assertWeights(JsonNode ended, Path before, Path after) {
        String file = ended.get("weights_file").asText();
        try (SafetensorsFile first = SafetensorsFile.open(before.resolve(file));
             SafetensorsFile second = SafetensorsFile.open(after.resolve(file))) {
            assertEquals(ended.get("weights").size(), second.tensors().size());
            ended.get("weights").fields().forEachRemaining(entry -> {
                float[] from = first.floats(entry.getKey());
                float[] to = second.floats(entry.getKey());
                double moved = entry.getValue().get("moved").doubleValue();
                assertEquals(moved, distance(from, to), WEIGHTS_TOLERANCE * moved, entry.getKey() + ": moved");
                assertEquals(entry.getValue().get("norm").doubleValue(), distance(new float[to.length], to), WEIGHTS_TOLERANCE * moved,
                    entry.getKey() + ": norm");
            });
        }
    }

    private static double distance(float[] from, float[] to) {
        double sum = 0;
        for (int i = 0; i < to.length; i++) {
            sum += Math.pow((double) to[i] - from[i], 2);
        }
        return Math.sqrt(sum);
    }

    private static Path last(Path run) throws IOException {
        return run.resolve(Files.readString(run.resolve("last")).strip());
    }
}
