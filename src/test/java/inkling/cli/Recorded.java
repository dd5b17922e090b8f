package inkling.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Compares what the present code computes with numbers of version 0.1.0, which bench/same-numbers and bench/runs-0.1 wrote. */
final class Recorded {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private Recorded() {}

    static JsonNode read(Path file) throws IOException {
        return MAPPER.readTree(file.toFile());
    }

    static JsonNode answer(Shell shell, String... arguments) throws IOException {
        Shell.Result result = shell.run(arguments);
        assertEquals(0, result.exit(), result.err());
        return MAPPER.readTree(result.out());
    }

    static List<String> strings(JsonNode array) {
        List<String> strings = new ArrayList<>();
        array.forEach(node -> strings.add(node.asText()));
        return strings;
    }

    /** Command-line arguments: {@code --set} before each of the settings. */
    static String[] withSettings(List<String> command, List<String> settings) {
        List<String> all = new ArrayList<>(command);
        settings.forEach(setting -> all.addAll(List.of("--set", setting)));
        return all.toArray(String[]::new);
    }

    /**
     * Checks losses, learning rates and gradient norms of the recorded updates. Each is within {@code tolerance} of the recorded value; for
     * a value above 1, the tolerance is a share of it.
     *
     * @param expected for each of these columns of metrics.csv, the values by number of completed updates
     */
    static void assertMetrics(JsonNode expected, Path run, double tolerance) throws IOException {
        List<String> lines = Files.readAllLines(run.resolve("metrics.csv"));
        List<String> header = List.of(lines.get(0).split(","));
        Map<String, String[]> rows = new HashMap<>();
        lines.subList(1, lines.size()).stream().map(line -> line.split(",", -1)).forEach(row -> rows.put(row[0], row));
        for (String column : List.of("train_loss", "val_loss", "learning_rate", "grad_norm")) {
            JsonNode values = expected.get(column);
            assertFalse(values.isEmpty(), column);
            values.fields().forEachRemaining(entry -> {
                double value = entry.getValue().doubleValue();
                String where = column + " after update " + entry.getKey();
                assertTrue(rows.containsKey(entry.getKey()), where);
                String found = rows.get(entry.getKey())[header.indexOf(column)];
                assertFalse(found.isEmpty(), where);
                assertEquals(value, Double.parseDouble(found), tolerance * Math.max(1, Math.abs(value)), where);
            });
        }
    }

    /** At temperature 0 {@code model} draws the recorded ids. Only ids that are clearly the likeliest on any processor were recorded. */
    static void assertGreedy(JsonNode expected, Shell shell, String model, String prompt) throws IOException {
        int[] ids = ids(expected.get("greedy_ids"));
        assertTrue(ids.length > 0, "nothing was recorded");
        JsonNode sample = answer(shell, "sample", model, "--prompt", prompt, "--temperature", "0", "--json", "--max-tokens",
            Integer.toString(ids.length)).at("/samples/0");
        assertEquals(Arrays.toString(ids), Arrays.toString(ids(sample.get("ids"))), model);
    }

    /** Two samples of at most 100 tokens from a fixed seed have the recorded texts. */
    static void assertSampled(JsonNode expected, Shell shell, String model, String prompt) throws IOException {
        List<String> texts = new ArrayList<>();
        answer(shell, "sample", model, "--prompt", prompt, "--temperature", "0.8", "--seed", "7", "--samples", "2", "--json",
            "--max-tokens", "100").get("samples").forEach(sample -> texts.add(sample.get("text").asText()));
        assertEquals(strings(expected.get("sampled_text")), texts, model);
    }

    /** The logits after a prompt, (V), are the recorded ones. */
    static void assertLogits(JsonNode expected, Shell shell, String model, String prompt, double tolerance) throws IOException {
        double[] logits = new double[expected.get("logits").size()];
        JsonNode top = answer(shell, "sample", model, "--prompt", prompt, "--temperature", "0", "--json", "--max-tokens", "1",
            "--show-distribution", "10000").at("/samples/0/steps/0/top");
        assertEquals(logits.length, top.size(), model);
        top.forEach(token -> logits[token.get("id").asInt()] = token.get("logit").doubleValue());
        for (int id = 0; id < logits.length; id++) {
            assertEquals(expected.get("logits").get(id).doubleValue(), logits[id], tolerance, model + ": logit of " + id);
        }
    }

    private static int[] ids(JsonNode array) {
        int[] ids = new int[array.size()];
        Arrays.setAll(ids, i -> array.get(i).asInt());
        return ids;
    }
}
