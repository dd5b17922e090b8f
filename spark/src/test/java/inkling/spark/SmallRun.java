package inkling.spark;

import inkling.data.source.Dataset;
import inkling.io.DurableFiles;
import inkling.io.Sha256;
import inkling.run.TrainOutcome;
import inkling.run.TrainRun;
import inkling.run.TrainingMethod;
import inkling.runfile.ConfigFile;
import inkling.runfile.RunConfig;
import inkling.spark.settings.ClusterSettings;
import inkling.train.TrainingListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * A run that takes seconds, on The Old Curiosity Shop, with dropout and accumulated gradients. Four workers train in six rounds of four
 * updates.
 */
record SmallRun(Path directory) {
    static final int STEPS = 24;
    static final int ROUND = 4;
    private static final String CONFIG = """
        name: small
        threads: 1
        data: {train: %s, tokenizer: {type: bpe, vocab_size: 300}}
        model: {n_layer: 1, n_head: 2, n_embd: 16, context_length: 16, dropout: 0.1}
        schedule: {learning_rate: 3.0e-3, warmup_steps: 2}
        train: {max_steps: %d, batch_size: 4, grad_accum_steps: 2, log_interval: 1, eval_interval: 8, eval_batches: 2,
          checkpoint_interval: 4, keep_checkpoints: 9, sample: null}
        cluster: {workers: 4, inner_steps: %d}
        """;

    SmallRun {
        Path corpus = directory.resolve("dickens.txt");
        try {
            if (!Files.exists(corpus)) {
                Dataset.named("dickens").fetch(corpus, DurableFiles.SYSTEM);
                Files.writeString(directory.resolve("small.yaml"), CONFIG.formatted(corpus, STEPS, ROUND));
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    Path runs() {
        return directory.resolve("checkpoints");
    }

    Path run(String name) {
        return runs().resolve(name);
    }

    RunConfig config(String name, String... overrides) {
        List<String> all = new ArrayList<>(List.of("name=" + name));
        all.addAll(Arrays.asList(overrides));
        return ConfigFile.read(directory.resolve("small.yaml"), all);
    }

    static Rounds on(String master, String... conf) {
        Map<String, String> given = new java.util.TreeMap<>();
        for (String setting : conf) {
            given.put(setting.substring(0, setting.indexOf('=')), setting.substring(setting.indexOf('=') + 1));
        }
        return new Rounds(ClusterSettings.of(master, given, System.getenv()));
    }

    TrainOutcome begin(TrainingMethod method, RunConfig config, TrainingListener listener, BooleanSupplier stop) {
        return TrainRun.begin(config, runs(), listener, stop, method);
    }

    TrainOutcome begin(TrainingMethod method, RunConfig config) {
        return begin(method, config, new TrainingListener() { }, () -> false);
    }

    TrainOutcome resume(TrainingMethod method, String name, String... overrides) {
        return TrainRun.resume(run(name).toString(), runs(), List.of(overrides), new TrainingListener() { }, () -> false, method);
    }

    /**
     * SHA-256 of the weights, the outer momentum, {@code cluster.json}, the progress, and every worker's optimizer after {@code step}
     * updates.
     */
    String bits(String name, long step) throws IOException {
        Path checkpoint = run(name).resolve("step-%06d".formatted(step));
        List<String> hashes = new ArrayList<>();
        for (String file : List.of("model.safetensors", "optimizer.safetensors", "cluster.json", "progress.json")) {
            hashes.add(file + " " + Sha256.of(checkpoint.resolve(file)));
        }
        Path workers = run(name).resolve("workers/step-%06d".formatted(step));
        try (var files = Files.list(workers)) {
            files.sorted().forEach(file -> hashes.add(file.getFileName() + " " + Sha256.of(file)));
        }
        return String.join("\n", hashes);
    }

    /**
     * The first {@code columns} columns of each row of a CSV file. From the seventh column on, metrics.csv and workers.csv tell times,
     * attempts, processes and processors.
     */
    List<String> rows(String name, String file, int columns) throws IOException {
        return Files.readAllLines(run(name).resolve(file)).stream().map(row -> String.join(",", Arrays.copyOf(row.split(",", -1), columns)))
            .toList();
    }
}
