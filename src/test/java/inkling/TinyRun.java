package inkling;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A run that takes a fraction of a second and uses much that a resume could get wrong: dropout, accumulation, random windows, decay.
 */
public final class TinyRun {
    public static final String CONFIG = """
        name: tiny
        threads: 1
        data: {train: corpus.txt, tokenizer: {type: char, fit: all}}
        model: {n_layer: 1, n_head: 2, n_embd: 16, context_length: 16, dropout: 0.1}
        schedule: {learning_rate: 3.0e-3, min_learning_rate: 3.0e-4, warmup_steps: 2, decay_steps: 40}
        train:
          max_steps: 8
          batch_size: 4
          grad_accum_steps: 2
          log_interval: 1
          eval_interval: 4
          eval_batches: 2
          checkpoint_interval: 4
          sample: null
        """;

    private TinyRun() {}

    /** Writes tiny.yaml and its corpus, 12,000 characters of Macbeth and three that are not ASCII. */
    public static void files(Path directory) throws IOException {
        Files.writeString(directory.resolve("tiny.yaml"), CONFIG);
        Files.writeString(directory.resolve("corpus.txt"), "é日😀\n" + Fixtures.macbeth().substring(0, 12_000));
    }

    /** The rows of metrics.csv without the two columns that measure time. */
    public static List<String> metrics(Path run) throws IOException {
        return Files.readAllLines(run.resolve("metrics.csv")).stream()
            .map(row -> {
                List<String> cells = new ArrayList<>(List.of(row.split(",", -1)));
                cells.subList(6, 8).clear();
                return String.join(",", cells);
            }).toList();
    }

    /** The manifest of a step: hashes of weights, moments, tokenizer, progress. Equal text means equal bits. */
    public static String bits(Path run, long step) throws IOException {
        return Files.readString(run.resolve("step-%06d/manifest.json".formatted(step)));
    }

    /** Every path below a directory with its size and time of change. Equal text means that nothing was touched. */
    public static String listing(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            StringBuilder text = new StringBuilder();
            for (Path path : all.sorted().toList()) {
                text.append(path).append(' ').append(Files.isDirectory(path) ? "" : Files.size(path) + " ")
                    .append(Files.getLastModifiedTime(path)).append('\n');
            }
            return text.toString();
        }
    }
}
