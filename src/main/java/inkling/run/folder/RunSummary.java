package inkling.run.folder;

import inkling.inspect.RunHistory;
import inkling.inspect.RunHistory.Point;
import inkling.inspect.metrics.MetricsTail;
import inkling.inspect.metrics.RunFigures;
import inkling.run.RunState;
import inkling.runfile.RunConfig;
import inkling.train.MetricsCsv;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A {@link RunStanding} with the figures of metrics.csv: one line of the command {@code runs}.
 *
 * @param name of the directory
 * @param step how many updates the run has made, see {@link RunStanding#step}
 * @param figures of metrics.csv
 * @param bytes of all files of the directory
 */
public record RunSummary(String name, Path directory, RunState state, long step, RunConfig config, RunFigures figures, long bytes) {
    /**
     * Reads one run.
     *
     * @param directory holds a config.yaml
     * @throws inkling.errors.InklingException if one of its files cannot be read
     */
    public static RunSummary of(Path directory) {
        RunStanding standing = RunStanding.of(directory);
        RunFigures figures = new RunFigures();
        new MetricsTail(directory.resolve(MetricsCsv.FILE_NAME), figures).poll();
        return new RunSummary(standing.name(), directory, standing.state(), standing.step(figures.step()), standing.config(), figures,
            RunFolder.bytes(directory));
    }

    /** All rows of metrics.csv, read now. */
    public RunHistory history() {
        Path metrics = directory.resolve(MetricsCsv.FILE_NAME);
        return Files.exists(metrics) ? RunHistory.read(metrics) : new RunHistory(List.of());
    }

    public long maxSteps() {
        return config.train().maxSteps();
    }

    /** What the run began from, in a few words: {@code bpe 1,024}, or {@code gpt2 fine-tuned}. */
    public String origin() {
        return RunStanding.origin(config);
    }

    /** The run in the document of {@code runs --json}; a loss is null if none was measured. */
    public Map<String, Object> json() {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("name", name);
        document.put("directory", directory.toString());
        document.put("state", state.word());
        document.put("step", step);
        document.put("max_steps", maxSteps());
        document.put("last_train_loss", json(figures.lastTrain()));
        document.put("last_val_loss", json(figures.lastValidation()));
        document.put("best_val_loss", json(figures.bestValidation()));
        document.put("seconds", figures.seconds());
        document.put("bytes", bytes);
        document.put("config_name", config.name().text());
        document.put("init_from", config.model().initFrom().orElse(null));
        document.put("tokenizer", RunStanding.tokenizer(config));
        document.put("data", config.data().train());
        return document;
    }

    private static Map<String, Object> json(Optional<Point> point) {
        return point.map(p -> Map.<String, Object>of("step", p.step(), "loss", p.value())).orElse(null);
    }
}
