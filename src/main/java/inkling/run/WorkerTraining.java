package inkling.run;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import inkling.checkpoint.Progress;
import inkling.checkpoint.TrainingState;
import inkling.checkpoint.WorkerStates;
import inkling.data.Batches;
import inkling.data.Shard;
import inkling.data.TokenLocation;
import inkling.data.Tokens;
import inkling.data.chat.Conversations;
import inkling.data.source.DataConfig;
import inkling.engine.ComputeContext;
import inkling.errors.ConfigException;
import inkling.formats.ModelDirectory;
import inkling.io.DurableFiles;
import inkling.io.Manifest;
import inkling.model.Gpt;
import inkling.runfile.ConfigFile;
import inkling.runfile.RunConfig;
import inkling.train.StepMetrics;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Makes workers' updates in a process of {@code cluster train}. In each turn the caller sets the weights, {@link #train} makes some of a
 * worker's updates, and the caller reads the weights again. Model and text stay open between turns; the state of each worker's optimizer is
 * in a file. The caller runs one turn at a time, because dropout draws from the process's only generator.
 */
public final class WorkerTraining implements AutoCloseable {
    private final Setting setting;
    private final RunConfig config;
    private final ComputeContext context;
    private final NDManager manager;
    private final Gpt gpt;
    private final List<String> trainable;
    private final Examples examples;

    private interface Examples {
        Batches of(Shard shard);
    }

    /**
     * What stays the same from turn to turn.
     *
     * @param runFile the run's config.yaml
     * @param run the run's directory, an absolute path that every worker sees
     * @param examples as {@link TrainingMethod.Data#forWorkers} gives them
     * @param columns tokens of a window
     * @param threads how many CPU threads each worker uses, so that all machines compute the same bits
     */
    public record Setting(String runFile, String run, TokenLocation examples, int columns, int threads) implements Serializable {}

    /**
     * Some updates of one worker.
     *
     * @param from how many updates the worker has completed before the turn
     * @param to how many updates it has completed after the turn
     * @param state the size and hash of the file with the state of the worker's optimizer before the turn; empty if {@code from} is 0
     */
    public record Turn(int worker, long from, long to, Optional<Manifest.Entry> state) {}

    /**
     * The result of a turn.
     *
     * @param updates the metrics of each update, in order
     * @param state the size and hash of the file with the state of the worker's optimizer after the turn
     */
    public record Result(List<StepMetrics> updates, Manifest.Entry state) {}

    /**
     * Opens the model and the training examples of a run.
     *
     * @param checkpoint the name of any checkpoint in the run's directory: weights that are not trained are read from it
     * @throws ConfigException if the checkpoint is not there, e.g. because the machines share no storage
     */
    public static WorkerTraining open(Setting setting, String checkpoint) {
        Path directory = Path.of(setting.run(), checkpoint);
        if (!Files.exists(directory)) {
            throw new ConfigException(("%s is not there: the run's directory must be on storage that all machines share, under the same"
                + " path. Mount it there, or start in a directory of such storage.").formatted(directory));
        }
        return new WorkerTraining(setting, directory);
    }

    private WorkerTraining(Setting setting, Path checkpoint) {
        this.setting = setting;
        config = ConfigFile.parse(setting.runFile(), "config.yaml", List.of());
        context = config.context().withThreads(setting.threads());
        context.enter();
        manager = context.manager();
        try {
            RunOrigin origin = RunOrigin.of(config, Path.of(setting.run()).getParent(), Optional.of(checkpoint), false);
            gpt = ModelDirectory.load(checkpoint, manager).in(context.precision());
            trainable = origin.trainable(gpt.config());
            examples = config.data().format() == DataConfig.Format.MESSAGES ? conversations() : text();
        } catch (RuntimeException e) {
            manager.close();
            throw e;
        }
    }

    private Examples text() {
        Tokens tokens = setting.examples().open();
        return shard -> RunData.TextExamples.batches(shard.of(tokens, setting.columns()), config.data().order(), config.train().batchSize(),
            setting.columns(), shard.seed(config.seed()));
    }

    private Examples conversations() {
        Conversations all = Conversations.of(setting.examples(), setting.columns());
        return shard -> all.shard(shard).batches(config.data().order(), config.train().batchSize(), shard.seed(config.seed()));
    }

    public Setting setting() {
        return setting;
    }

    /** The weights that are trained, always in the same order. The caller sets them before a turn and reads them after it. */
    public List<NDArray> weights() {
        context.enter();
        return List.copyOf(SingleMachine.arrays(gpt, trainable).values());
    }

    /**
     * Makes the updates of {@code turn}, beginning with the present {@link #weights}, and writes the optimizer's state to its file.
     *
     * @throws inkling.train.DivergedException if a loss or gradient is not finite
     * @throws inkling.errors.ModelFormatException if the file with the earlier state is missing or damaged
     */
    public Result train(Turn turn) {
        context.enter();
        gpt.parameters().refreshCopies(trainable);   // the weights were set
        Shard shard = new Shard(turn.worker(), config.cluster().workers());
        Path run = Path.of(setting.run());
        try (NDManager scope = manager.newSubManager();
             SingleMachine updates = new SingleMachine(config, gpt, trainable, scope, context, shard, turn.from(), examples.of(shard))) {
            turn.state().ifPresent(entry -> {
                Path file = WorkerStates.file(run, turn.from(), turn.worker());
                WorkerStates.verify(file, entry);
                TrainingState.loadFile(file, updates.optimizer(), scope);
            });
            List<StepMetrics> measured = new ArrayList<>();
            Progress progress = Progress.START.updated(turn.from(), 0);
            while (progress.step() < turn.to()) {
                StepMetrics step = updates.next(progress);
                measured.add(step);
                progress = progress.updated(step.step(), step.tokens());
            }
            DurableFiles.SYSTEM.createDirectories(WorkerStates.directory(run, turn.to()));
            Path file = WorkerStates.file(run, turn.to(), turn.worker());
            return new Result(measured, DurableFiles.SYSTEM.write(file, TrainingState.content(updates.optimizer())));
        }
    }

    @Override
    public void close() {
        gpt.close();
        manager.close();
    }
}
