package inkling.serve;

import inkling.checkpoint.CheckpointStore;
import inkling.checkpoint.WorkerStates;
import inkling.inspect.RunHistory;
import inkling.io.DurableFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/** Writes run directories as a training would, for tests of code that watches runs. */
public final class RunFiles {
    private static final String HEADER = "step,tokens,train_loss,val_loss,learning_rate,grad_norm,tokens_per_second,step_millis\r\n";

    private RunFiles() {}

    /** A run of {@code steps} updates that has logged nothing yet. */
    public static Path begin(Path folder, String name, long steps) throws IOException {
        Path run = Files.createDirectories(folder.resolve(name));
        Files.writeString(run.resolve("config.yaml"), """
            name: %s
            data: {train: corpus.txt, tokenizer: {type: char, fit: all}}
            model: {n_layer: 1, n_head: 2, n_embd: 16, context_length: 16}
            schedule: {learning_rate: 3.0e-3}
            train: {max_steps: %d, sample: {interval: 50, prompt: "Once", max_tokens: 20}}
            """.formatted(name, steps));
        Files.writeString(run.resolve("metrics.csv"), HEADER);
        return run;
    }

    public static void append(Path run, String text) throws IOException {
        Files.writeString(run.resolve("metrics.csv"), text, StandardCharsets.UTF_8, StandardOpenOption.APPEND);
    }

    /** Rows of updates {@code from} to {@code to}, of which each {@code evaluated}-th has a validation loss. */
    public static String rows(long from, long to, long evaluated) {
        StringBuilder rows = new StringBuilder();
        Random random = new Random(from);
        for (long step = from; step <= to; step++) {
            rows.append(row(step, 1 + 3 / Math.sqrt(step + 1.0) + 0.05 * random.nextGaussian(),
                step % evaluated == 0 ? Double.toString(1.1 + 3 / Math.sqrt(step + 1.0)) : "", random));
        }
        return rows.toString();
    }

    private static String row(long step, double loss, String validation, Random random) {
        double norm = Math.abs(1 + 0.2 * random.nextGaussian());
        return step + "," + step * 64 + "," + loss + "," + validation + "," + 1e-3 / Math.sqrt(step) + "," + norm + ","
            + (40_000 + random.nextInt(5_000)) + String.format(Locale.ROOT, ",%.3f\r\n", 1.5 + random.nextDouble());
    }

    /** The rows of a run as {@code inkling report} reads them. */
    public static RunHistory history(Path run) {
        return RunHistory.read(run.resolve("metrics.csv"));
    }

    /** A checkpoint as {@code cluster train} saves it, without weights. */
    public static void saveOfWorkers(Path run, long step) {
        new CheckpointStore(run, DurableFiles.SYSTEM).save(step,
            Map.of(WorkerStates.FILE_NAME, new WorkerStates(4, 60, List.of()).content()));
    }

    /** One sample each 50 steps up to {@code last}. */
    public static void samples(Path run, long last) throws IOException {
        StringBuilder lines = new StringBuilder();
        for (long step = 50; step <= last; step += 50) {
            lines.append("{\"step\":%d,\"text\":\"Once upon %d\"}%n".formatted(step, step));
        }
        Files.writeString(run.resolve("samples.jsonl"), lines.toString().replace("\r\n", "\n"));
    }
}
