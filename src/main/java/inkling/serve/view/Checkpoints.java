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
import java.util.function.Function;

/** The checkpoints of the run that a served model came from. A request names one by its step, never by a path. */
final class Checkpoints {
    private Checkpoints() {}

    /** The run's directory; empty if the model is no checkpoint of a run. */
    private static Optional<Path> run(ServedModel model) {
        Path directory = model.model().directory().toAbsolutePath().normalize();
        return CheckpointStore.isStep(directory) ? Optional.of(directory.getParent()) : Optional.empty();
    }

    /** {@code run}, {@code serving}, {@code checkpoints[] of {step, last, best, train_loss, val_loss}}, the oldest first. */
    static Map<String, Object> json(ServedModel model) {
        Map<String, Object> json = new LinkedHashMap<>();
        Optional<Path> run = run(model);
        json.put("model", model.name());
        json.put("run", run.map(path -> path.getFileName().toString()).orElse(null));
        json.put("serving", run.map(path -> CheckpointStore.stepOf(model.model().directory())).orElse(null));
        json.put("checkpoints", run.map(Checkpoints::list).orElse(List.of()));
        return json;
    }

    private static List<Map<String, Object>> list(Path run) {
        CheckpointStore store = new CheckpointStore(run, DurableFiles.SYSTEM);
        Path metrics = run.resolve(MetricsCsv.FILE_NAME);
        RunHistory history = Files.exists(metrics) ? RunHistory.read(metrics) : new RunHistory(List.of());
        List<Map<String, Object>> all = new ArrayList<>();
        for (Path step : store.steps()) {
            long number = CheckpointStore.stepOf(step);
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("step", number);
            one.put("last", store.last().filter(step::equals).isPresent());
            one.put("best", store.best().filter(step::equals).isPresent());
            one.put("train_loss", at(history, number, Metric.TRAIN_LOSS));
            one.put("val_loss", at(history, number, Metric.VAL_LOSS));
            all.add(0, one);
        }
        return all;
    }

    private static Double at(RunHistory history, long step, Metric metric) {
        OptionalDouble value = history.rows().stream().filter(row -> row.step() == step).findFirst()
            .map(row -> row.value(metric)).orElse(OptionalDouble.empty());
        return value.isPresent() ? value.getAsDouble() : null;
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
