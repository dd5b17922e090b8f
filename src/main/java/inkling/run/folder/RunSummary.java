package inkling.run.folder;

import inkling.checkpoint.CheckpointStore;
import inkling.inspect.RunHistory;
import inkling.inspect.RunHistory.Metric;
import inkling.inspect.RunHistory.Point;
import inkling.io.DirectoryLock;
import inkling.io.DurableFiles;
import inkling.run.RunRecord;
import inkling.run.RunState;
import inkling.run.TrainRun;
import inkling.runfile.ConfigFile;
import inkling.runfile.RunConfig;
import inkling.tokenizer.TokenizerConfig;
import inkling.train.MetricsCsv;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One run, as the files of its directory tell it.
 *
 * @param name of the directory
 * @param step updates that are safe in a checkpoint; of a run that is being trained, those that are logged
 * @param bytes of all files of the directory
 */
public record RunSummary(String name, Path directory, RunState state, long step, RunConfig config, RunHistory history, long bytes) {
    /**
     * @param directory holds a config.yaml
     * @throws inkling.errors.InklingException if one of its files cannot be read
     */
    public static RunSummary of(Path directory) {
        boolean running = DirectoryLock.isHeld(directory);
        RunConfig config = ConfigFile.read(directory.resolve(TrainRun.CONFIG_FILE), List.of());
        Path metrics = directory.resolve(MetricsCsv.FILE_NAME);
        RunHistory history = Files.exists(metrics) ? RunHistory.read(metrics) : new RunHistory(List.of());
        long saved = new CheckpointStore(directory, DurableFiles.SYSTEM).last().map(CheckpointStore::stepOf).orElse(0L);
        long logged = history.rows().isEmpty() ? 0 : history.rows().get(history.rows().size() - 1).step();
        RunState state = running ? RunState.RUNNING : ended(directory, saved, config);
        return new RunSummary(directory.toAbsolutePath().normalize().getFileName().toString(), directory, state,
            running ? Math.max(saved, logged) : saved, config, history, RunFolder.bytes(directory));
    }

    /** What run.json says; where it says nothing (killed, or trained by 0.1), what the steps say. */
    private static RunState ended(Path directory, long saved, RunConfig config) {
        Optional<RunState> recorded = Files.exists(directory.resolve(RunRecord.FILE_NAME)) ? RunRecord.read(directory).ended() : Optional.empty();
        return recorded.orElse(saved >= config.train().maxSteps() ? RunState.FINISHED : RunState.STOPPED);
    }

    public long maxSteps() {
        return config.train().maxSteps();
    }

    /** What it began from, in a few words: {@code bpe 1,024}, or {@code gpt2 fine-tuned}. */
    public String origin() {
        return config.model().initFrom().map(model -> model + " fine-tuned").orElseGet(this::tokenizer);
    }

    /** {@code bpe 1,024}, {@code char}, {@code gpt2}, the path of its files, or {@code own} where it is that of the model to fine-tune. */
    public String tokenizer() {
        Optional<TokenizerConfig> asked = config.data().tokenizer();
        if (asked.isEmpty()) {
            return "own";
        }
        if (asked.get() instanceof TokenizerConfig.BpeTokenizerConfig bpe) {
            return bpe.vocabSize().map("bpe %,d"::formatted).orElse("bpe");
        }
        return asked.get() instanceof TokenizerConfig.HuggingFaceTokenizerConfig files ? files.path().toString()
            : asked.get() instanceof TokenizerConfig.CharTokenizerConfig ? "char" : "gpt2";
    }

    /** As {@code runs --json} tells it; a loss is null where none was measured. */
    public Map<String, Object> json() {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("name", name);
        document.put("directory", directory.toString());
        document.put("state", state.word());
        document.put("step", step);
        document.put("max_steps", maxSteps());
        document.put("last_train_loss", json(history.last(Metric.TRAIN_LOSS)));
        document.put("last_val_loss", json(history.last(Metric.VAL_LOSS)));
        document.put("best_val_loss", json(history.lowest(Metric.VAL_LOSS)));
        document.put("seconds", history.seconds());
        document.put("bytes", bytes);
        document.put("config_name", config.name().text());
        document.put("init_from", config.model().initFrom().orElse(null));
        document.put("tokenizer", tokenizer());
        document.put("data", config.data().train());
        return document;
    }

    private static Map<String, Object> json(Optional<Point> point) {
        return point.map(p -> Map.<String, Object>of("step", p.step(), "loss", p.value())).orElse(null);
    }
}
