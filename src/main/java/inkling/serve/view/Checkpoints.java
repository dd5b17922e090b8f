package inkling.serve.view;

import inkling.checkpoint.CheckpointStore;
import inkling.inspect.RunHistory;
import inkling.inspect.RunHistory.Metric;
import inkling.io.DurableFiles;
import inkling.run.LoadedModel;
import inkling.serve.api.ServedModel;
import inkling.serve.http.ApiFault;
import inkling.train.MetricsCsv;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;

/** The checkpoints of the run that a served model came from. A request names one by its step, never by a path. */
final class Checkpoints {
    private static final int MOST_POINTS = 400;
    private static final RunHistory NO_HISTORY = new RunHistory(List.of());

    private Checkpoints() {}

    /** The run's directory; empty if the model is no checkpoint of a run. */
    private static Optional<Path> run(ServedModel model) {
        Path directory = model.model().directory().toAbsolutePath().normalize();
        return CheckpointStore.isStep(directory) ? Optional.of(directory.getParent()) : Optional.empty();
    }

    /**
     * {@code run}, {@code serving}, {@code checkpoints[] of {step, last, best, train_loss, val_loss}}, the oldest first, and {@code curve[]
     * of {step, train_loss, val_loss}}, the losses of the whole run at {@value #MOST_POINTS} steps at most.
     */
    static Map<String, Object> json(ServedModel model) {
        Map<String, Object> json = new LinkedHashMap<>();
        Optional<Path> run = run(model);
        RunHistory history = run.map(Checkpoints::history).orElse(NO_HISTORY);
        json.put("model", model.name());
        json.put("run", run.map(path -> path.getFileName().toString()).orElse(null));
        json.put("serving", run.map(path -> CheckpointStore.stepOf(model.model().directory())).orElse(null));
        json.put("checkpoints", run.map(path -> list(path, history)).orElse(List.of()));
        json.put("curve", curve(history));
        return json;
    }

    private static RunHistory history(Path run) {
        Path metrics = run.resolve(MetricsCsv.FILE_NAME);
        return Files.exists(metrics) ? RunHistory.read(metrics) : NO_HISTORY;
    }

    /** Of each part of the run its last row, and its last that has a validation loss. */
    private static List<Map<String, Object>> curve(RunHistory history) {
        List<RunHistory.Row> rows = history.rows();
        int parts = MOST_POINTS / 2;
        SortedMap<Long, RunHistory.Row> kept = new TreeMap<>();
        for (int part = 0; part < parts; part++) {
            List<RunHistory.Row> some = rows.subList((int) ((long) part * rows.size() / parts), (int) ((part + 1L) * rows.size() / parts));
            some.stream().reduce((a, b) -> b).ifPresent(row -> kept.put(row.step(), row));
            some.stream().filter(row -> row.value(Metric.VAL_LOSS).isPresent()).reduce((a, b) -> b).ifPresent(row -> kept.put(row.step(), row));
        }
        return kept.values().stream().map(row -> {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("step", row.step());
            putLosses(one, Optional.of(row));
            return one;
        }).toList();
    }

    private static void putLosses(Map<String, Object> json, Optional<RunHistory.Row> row) {
        json.put("train_loss", number(row, Metric.TRAIN_LOSS));
        json.put("val_loss", number(row, Metric.VAL_LOSS));
    }

    private static Double number(Optional<RunHistory.Row> row, Metric metric) {
        OptionalDouble value = row.map(found -> found.value(metric)).orElse(OptionalDouble.empty());
        return value.isPresent() ? value.getAsDouble() : null;
    }

    private static List<Map<String, Object>> list(Path run, RunHistory history) {
        CheckpointStore store = new CheckpointStore(run, DurableFiles.SYSTEM);
        List<Map<String, Object>> all = new ArrayList<>();
        for (Path step : store.steps()) {
            long number = CheckpointStore.stepOf(step);
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("step", number);
            one.put("last", store.last().filter(step::equals).isPresent());
            one.put("best", store.best().filter(step::equals).isPresent());
            putLosses(one, history.rows().stream().filter(row -> row.step() == number).findFirst());
            all.add(0, one);
        }
        return all;
    }

    /**
     * Does {@code work} with the model itself, or with the checkpoint of {@code step}.
     *
     * @throws ApiFault for a step that the run does not have
     */
    static <T> T with(ServedModel model, OptionalLong step, OpenCheckpoints open, Function<LoadedModel, T> work) {
        if (step.isEmpty()) {
            return work.apply(model.model());
        }
        Path run = run(model).orElseThrow(() -> ApiFault.field("step", "step: this model is no checkpoint of a run."));
        Path checkpoint = new CheckpointStore(run, DurableFiles.SYSTEM).steps().stream()
            .filter(path -> CheckpointStore.stepOf(path) == step.getAsLong()).findFirst()
            .orElseThrow(() -> ApiFault.field("step", "step: the run has no checkpoint of this step."));
        return open.with(checkpoint, model.model().context(), work);
    }
}
