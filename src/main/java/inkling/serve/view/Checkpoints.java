package inkling.serve.view;

import inkling.checkpoint.CheckpointStore;
import inkling.io.DurableFiles;
import inkling.run.LoadedModel;
import inkling.run.ModelLocation;
import inkling.serve.api.ServedModel;
import inkling.serve.http.ApiFault;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;

/** The checkpoints of the run that a served model came from. A request names one by its step, never by a path. */
final class Checkpoints implements AutoCloseable {
    private final ServedModel model;
    private final Optional<RunLosses> losses;
    private final OpenCheckpoints open;

    Checkpoints(ServedModel model) {
        this.model = model;
        this.losses = run().map(RunLosses::new);
        this.open = new OpenCheckpoints(model.config());
    }

    /** The run's directory; empty if the model is no checkpoint of a run. */
    private Optional<Path> run() {
        Path directory = model.model().directory().toAbsolutePath().normalize();
        return CheckpointStore.isStep(directory) ? Optional.of(directory.getParent()) : Optional.empty();
    }

    /**
     * The checkpoints as JSON:
     *
     * <ul>
     *   <li>{@code model}, {@code run}: their names; {@code serving}: the step of the served model; {@code command}: the command that
     *       trains the run, as {@link CheckpointStore#command} tells it.
     *   <li>{@code checkpoints[] of {step, last, best, train_loss, val_loss}}: the lowest step first.
     *   <li>{@code loss_unit}: what the losses are measured in, e.g. {@code nats per token}; missing if there is no run.
     *   <li>{@code curve[] of {step, train_loss, val_loss}}: the losses of the whole run, as {@link RunLosses} thins them out.
     * </ul>
     *
     * <p>If the model is no checkpoint of a run, {@code run}, {@code serving} and {@code command} are null, and the lists are empty.
     */
    Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        Optional<Path> run = run();
        json.put("model", model.name());
        json.put("run", run.map(path -> path.getFileName().toString()).orElse(null));
        json.put("serving", run.map(path -> CheckpointStore.stepOf(model.model().directory())).orElse(null));
        json.put("command", run.flatMap(path -> new CheckpointStore(path, DurableFiles.SYSTEM).command()).orElse(null));
        json.put("checkpoints", List.of());
        json.put("curve", List.of());
        run.ifPresent(path -> put(json, path, losses.orElseThrow()));
        return json;
    }

    private static void put(Map<String, Object> json, Path run, RunLosses losses) {
        CheckpointStore store = new CheckpointStore(run, DurableFiles.SYSTEM);
        List<Path> steps = store.steps().stream().sorted(Comparator.comparingLong(CheckpointStore::stepOf)).toList();
        Optional<Path> last = store.last();
        Optional<Path> best = store.best().filter(ModelLocation::isTrained);
        RunLosses.Read read = losses.of(steps.stream().map(CheckpointStore::stepOf).toList());
        List<Map<String, Object>> all = new ArrayList<>();
        for (Path step : steps) {
            long number = CheckpointStore.stepOf(step);
            Map<String, Object> one = new LinkedHashMap<>(read.at().getOrDefault(number, RunLosses.row(number)));
            one.put("last", last.filter(step::equals).isPresent());
            one.put("best", best.filter(step::equals).isPresent());
            all.add(one);
        }
        json.put("checkpoints", all);
        json.put("curve", read.curve());
        json.put("loss_unit", read.unit());
    }

    /**
     * Does {@code work} with the run's checkpoint of {@code step}, or with the served model if {@code step} is empty. Only the model's
     * thread may call this.
     *
     * @throws ApiFault if there is no checkpoint of this step, or the model is no checkpoint of a run
     */
    <T> T with(OptionalLong step, Function<LoadedModel, T> work) {
        if (step.isEmpty()) {
            return work.apply(model.model());
        }
        Path run = run().orElseThrow(() -> ApiFault.field("step", "step: this model is no checkpoint of a run."));
        Path checkpoint = new CheckpointStore(run, DurableFiles.SYSTEM).steps().stream()
            .filter(path -> CheckpointStore.stepOf(path) == step.getAsLong()).findFirst()
            .orElseThrow(() -> ApiFault.field("step", "step: the run has no checkpoint of this step."));
        return open.with(checkpoint, model.model().context(), work);
    }

    /** To be called after the model's thread has ended. */
    @Override
    public void close() {
        open.close();
    }
}
