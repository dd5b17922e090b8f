package inkling.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import inkling.Fixtures;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Three shipped run files, shortened, train as they did in version 0.1.0; one of them trains with adapters, too. Losses and gradient norms
 * are the same, and the model writes the same words at the end. {@code bench/same-numbers golden} wrote the numbers. The tolerance allows
 * for processors that round differently.
 */
@Tag("process")
class GoldenNumbersTest {
    private static final double TOLERANCE = 1e-4;

    @TempDir
    static Path directory;
    private static Shell shell;
    private static JsonNode runs;

    @BeforeAll
    static void open() throws IOException {
        shell = Shell.in(directory);
        runs = Recorded.read(Path.of("src/test/resources/inkling/golden/numbers.json")).get("runs");
    }

    @AfterAll
    static void end() throws Exception {
        shell.close();
    }

    /** The names of all runs. A run that begins with a model of {@code ../shared} is left out if the model is not there. */
    private static Stream<String> names() {
        List<String> names = new ArrayList<>();
        runs.fieldNames().forEachRemaining(names::add);
        return names.stream().filter(name -> !runs.get(name).get("pretrained").asText().equals("shared")
            || pretrained(runs.get(name)).isPresent());
    }

    /** The model that a run fine-tunes. */
    private static Optional<Path> pretrained(JsonNode run) {
        return switch (run.get("pretrained").asText()) {
            case "" -> Optional.empty();
            case "own" -> Optional.of(Fixtures.own("gpt2"));
            case "shared" -> Fixtures.sharedIfThere("pretrained/dickens-gpt2").findFirst();
            default -> throw new IllegalArgumentException(run.get("pretrained").toString());
        };
    }

    @ParameterizedTest
    @MethodSource("names")
    void aShippedRunFileTrainsAsItDid(String name) throws IOException {
        JsonNode expected = runs.get(name);
        List<String> settings = new ArrayList<>(Recorded.strings(expected.get("set")));
        pretrained(expected).ifPresent(model -> settings.add("model.init_from=" + model));
        Path config = Path.of(expected.get("config").asText()).toAbsolutePath();
        Shell.Result trained = shell.run(Recorded.withSettings(List.of("train", config.toString(), "--run", name), settings));
        assertEquals(0, trained.exit(), trained.err());
        Recorded.assertMetrics(expected, directory.resolve("checkpoints").resolve(name), TOLERANCE);
        if (!expected.get("greedy_ids").isEmpty()) {   // empty if already the first token was not clearly the likeliest
            Recorded.assertGreedy(expected, shell, "checkpoints/" + name + "/last", expected.get("prompt").asText());
        }
    }
}
