package inkling.run;

import inkling.checkpoint.CheckpointStore;
import inkling.checkpoint.TrainingState;
import inkling.errors.ConfigException;
import inkling.errors.Printable;
import inkling.errors.StorageException;
import inkling.io.DirectoryLock;
import inkling.io.DurableFiles;
import inkling.runfile.ConfigFile;
import inkling.runfile.ResumeChanges;
import inkling.runfile.RunConfig;
import inkling.train.DivergedException;
import inkling.train.Trainer;
import inkling.train.TrainingListener;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Begins a training run from a run file, or resumes one from its directory. Before it creates the run's directory, it checks the run
 * file against the machine, the model and the text. Until then it writes at most two things: a corpus that ships with Inkling, and the
 * text's tokens. It holds the directory's lock while {@link RunSession} runs the {@link Trainer}.
 */
public final class TrainRun {
    /** The run file that every run directory holds. */
    public static final String CONFIG_FILE = "config.yaml";
    private static final DurableFiles FILES = DurableFiles.SYSTEM;

    private final Path runs;
    private final Path run;
    private final TrainingListener listener;
    private final BooleanSupplier stop;
    private final TrainingMethod method;

    private TrainRun(Path runs, Path run, TrainingListener listener, BooleanSupplier stop, TrainingMethod method) {
        this.runs = runs;
        this.run = run;
        this.listener = listener;
        this.stop = stop;
        this.method = method;
    }

    /**
     * Trains a new run in {@code <runs>/<name>}.
     *
     * @param runs the folder of runs, made if it is not there; token files are kept in its {@code .tokens}
     * @param stop asked before each update or round, and before each batch of an evaluation. Once it returns true, the run ends;
     *     {@link inkling.train.Ending} says what is saved then
     * @throws ConfigException if the run is being trained or has a checkpoint already, or something that the user asked for is impossible
     */
    public static TrainOutcome begin(RunConfig config, Path runs, TrainingListener listener, BooleanSupplier stop) {
        return begin(config, runs, listener, stop, TrainingMethod.THIS_MACHINE);
    }

    /** As {@link #begin(RunConfig, Path, TrainingListener, BooleanSupplier)}, where {@code method} makes the updates. */
    public static TrainOutcome begin(RunConfig config, Path runs, TrainingListener listener, BooleanSupplier stop, TrainingMethod method) {
        return new TrainRun(runs, runs.resolve(config.name().text()), listener, stop, method).begin(config);
    }

    /**
     * Continues a run from its last checkpoint, or from the one that {@code name} names.
     *
     * @param name a run directory, a run's name in {@code runs}, or one checkpoint inside a run, which then becomes its last
     * @param runs as for {@link #begin}
     * @param overrides {@code --set} options; only keys that {@link inkling.runfile.ResumeChanges} allows
     * @throws ConfigException if there is no such run, its text has changed, or {@code overrides} sets a key that must not change
     */
    public static TrainOutcome resume(String name, Path runs, List<String> overrides, TrainingListener listener, BooleanSupplier stop) {
        return resume(name, runs, overrides, listener, stop, TrainingMethod.THIS_MACHINE);
    }

    /**
     * As {@link #resume(String, Path, List, TrainingListener, BooleanSupplier)}, where {@code method} makes the updates. It must be the
     * method with which the run began.
     */
    public static TrainOutcome resume(String name, Path runs, List<String> overrides, TrainingListener listener, BooleanSupplier stop,
                                      TrainingMethod method) {
        Path path = ModelLocation.existing(name, runs);
        boolean checkpoint = CheckpointStore.isStep(path) && Files.isDirectory(path);
        Path run = checkpoint ? path.toAbsolutePath().getParent() : path;
        if (!Files.isRegularFile(run.resolve(CONFIG_FILE))) {
            throw new ConfigException("%s is no run directory: there is no %s. Begin a run with `%s CONFIG.yaml`.".formatted(run,
                CONFIG_FILE,
                method.command()));
        }
        return new TrainRun(runs, run, listener, stop, method).resume(checkpoint ? Optional.of(path.toAbsolutePath())
            : Optional.empty(), overrides);
    }

    private RunSession session(RunConfig config, Optional<Path> checkpoint, boolean firstVersion) {
        return new RunSession(RunOrigin.of(config, runs, checkpoint, firstVersion), config.context(), runs, listener);
    }

    private TrainOutcome begin(RunConfig config) {
        method.requireKnown(config);
        refuseExisting();
        RunSession session = session(config, Optional.empty(), false);
        OptionalDouble bf16Speedup = session.requirePrecision();
        RunText text = session.openText();
        RunData data = session.tokens(text, Optional.empty());
        boolean anew = Files.exists(run);
        FILES.createDirectories(run);
        try (DirectoryLock lock = DirectoryLock.acquire(run)) {
            refuseCheckpoints();   // another training with this name may have begun, and even ended, while the text was read
            if (anew) {
                listener.remark("%s holds no whole checkpoint: it is begun anew.".formatted(run));
                FILES.sweep(run);
            }
            writeConfig(config);
            RunRecord.of(data, session.environment(), bf16Speedup, session.date()).write(run);
            return recorded(() -> session.train(run, data, method, stop));
        }
    }

    /** Runs {@code training}, and records in run.json how it ended; after any other fault than divergence, nothing is recorded. */
    private TrainOutcome recorded(Supplier<TrainOutcome> training) {
        try {
            TrainOutcome outcome = training.get();
            record(RunState.of(outcome.ending()));
            return outcome;
        } catch (DivergedException e) {
            record(RunState.DIVERGED);
            throw e;
        }
    }

    private void record(RunState ending) {
        try {
            RunRecord.read(run).ended(ending).write(run);
        } catch (StorageException e) {   // e.g. a full disk: the trained weights are saved all the same
            listener.remark("how the run ended is not recorded: " + e.getMessage());
        }
    }

    private void refuseExisting() {
        if (Files.exists(run) && (!Files.isDirectory(run) || DirectoryLock.isHeld(run))) {
            throw existing();
        }
        refuseCheckpoints();
    }

    private void refuseCheckpoints() {
        if (!new CheckpointStore(run, FILES).steps().isEmpty()) {
            throw existing();
        }
    }

    private ConfigException existing() {
        return new ConfigException(("%s exists already. Continue that run with `%s --resume %s`, or begin another with --run OTHER_NAME."
            + " Nothing was changed.").formatted(run, command(), run));
    }

    /** The command that trains this run; before its first checkpoint, the one that was called. */
    private String command() {
        return new CheckpointStore(run, FILES).command().orElse(method.command());
    }

    private TrainOutcome resume(Optional<Path> chosen, List<String> overrides) {
        ResumeChanges changes = ResumeChanges.apply(ConfigFile.read(run.resolve(CONFIG_FILE), List.of()), run.toString(), command(),
            overrides);
        method.requireKnown(changes.config());
        try (DirectoryLock lock = DirectoryLock.acquire(run)) {
            FILES.sweep(run);
            CheckpointStore store = new CheckpointStore(run, FILES);
            Optional<Path> checkpoint = chosen.or(store::last).or(store::newestWhole);
            checkpoint.ifPresent(store::verify);
            checkpoint.ifPresent(path -> method.requireOwn(path, changes.config()));
            Optional<RunRecord> record = Files.exists(run.resolve(RunRecord.FILE_NAME)) ? Optional.of(RunRecord.read(run))
                : Optional.empty();
            RunSession session = session(changes.config(), checkpoint, record.map(RunRecord::isOfFirstVersion).orElse(false));
            RunText text = session.openText();
            record.ifPresent(began -> resumeRecorded(began, text, session, checkpoint, changes));
            RunData data = session.tokens(text, record);
            if (record.isEmpty()) {
                RunRecord.of(data, session.environment(), OptionalDouble.empty(), session.date()).write(run);
            }
            if (!changes.changes().isEmpty()) {
                writeConfig(changes.config());
            }
            chosen.ifPresent(path -> store.pointLast(CheckpointStore.stepOf(path)));
            checkpoint.map(TrainingState::progress).ifPresent(progress -> store.restoreBest(
                progress.bestLoss().isPresent() ? OptionalLong.of(progress.bestStep()) : OptionalLong.empty()));
            listener.remark(checkpoint.map(path -> "Resuming %s from %s.".formatted(run, path.getFileName()))
                .orElse("%s holds no whole checkpoint: starting at step 0 from its %s.".formatted(run, CONFIG_FILE)));
            return recorded(() -> session.train(run, data, method, stop));
        }
    }

    /** Checks the corpus against the record of the run's beginning, and adds this resume to the record. */
    private void resumeRecorded(RunRecord record, RunText text, RunSession session, Optional<Path> checkpoint, ResumeChanges changes) {
        text.requireSha256(record.dataSha256());
        RunRecord.Environment now = session.environment();
        if (!record.engine().equals(now.engine()) || record.threads() != now.threads() || !record.device().equals(now.device())) {
            listener.remark(("The run began with %s, %s, on %s; now it is %s, %s, %s: the last bits of its numbers may differ.")
                .formatted(record.engine(), Printable.counted(record.threads(), "thread"), RunRecord.readable(record.device()),
                    now.engine(), Printable.counted(now.threads(), "thread"), RunRecord.readable(now.device())));
        }
        long step = checkpoint.map(CheckpointStore::stepOf).orElse(0L);
        changes.changes().forEach(c -> listener.remark("%s: %s → %s".formatted(c.key(), c.before(), c.after())));
        if (changes.changed("train.max_steps")) {
            LearningRateRemark.ofOtherLength(changes.config(), step).ifPresent(listener::remark);
        }
        record.resumed(step, now, changes.changes()).write(run);
    }

    private void writeConfig(RunConfig config) {
        FILES.write(run.resolve(CONFIG_FILE), config.toYaml().getBytes(StandardCharsets.UTF_8));
    }
}
