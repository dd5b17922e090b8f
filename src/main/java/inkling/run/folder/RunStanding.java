package inkling.run.folder;

import inkling.checkpoint.CheckpointStore;
import inkling.checkpoint.WorkerStates;
import inkling.config.TypeName;
import inkling.io.DirectoryLock;
import inkling.io.DurableFiles;
import inkling.run.RunRecord;
import inkling.run.RunState;
import inkling.run.TrainRun;
import inkling.runfile.ConfigFile;
import inkling.runfile.RunConfig;
import inkling.tokenizer.TokenizerConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * State, process and saved step of a run, from files of its directory that are quick to read; {@link RunSummary} also reads metrics.csv.
 *
 * @param name of the directory
 * @param trainer id of the process that trains the run now; −1 if the id is not known; empty if no process trains it
 * @param saved how many updates the last checkpoint has; 0 if there is none
 * @param byWorkers whether workers on Spark made one of the run's checkpoints; only {@code cluster train} can continue such a run
 */
public record RunStanding(String name, Path directory, RunState state, OptionalLong trainer, long saved, boolean byWorkers,
                          RunConfig config) {
    /**
     * Reads the standing of one run.
     *
     * @param directory holds a config.yaml
     * @throws inkling.errors.InklingException if one of its files cannot be read
     */
    public static RunStanding of(Path directory) {
        return of(directory, ConfigFile.read(directory.resolve(TrainRun.CONFIG_FILE), List.of()));
    }

    /** As {@link #of(Path)}, for a caller that has read the run's config.yaml already. */
    public static RunStanding of(Path directory, RunConfig config) {
        OptionalLong trainer = DirectoryLock.holder(directory);
        CheckpointStore store = new CheckpointStore(directory, DurableFiles.SYSTEM);
        long saved = store.last().map(CheckpointStore::stepOf).orElse(0L);
        RunState state = trainer.isPresent() ? RunState.RUNNING : ended(directory, saved, config);
        return new RunStanding(directory.toAbsolutePath().normalize().getFileName().toString(), directory, state, trainer, saved,
            store.isOfWorkers(), config);
    }

    /** The state in run.json. If run.json has none (e.g. because the run was killed), the saved step is compared with max_steps. */
    private static RunState ended(Path directory, long saved, RunConfig config) {
        boolean recorded = Files.exists(directory.resolve(RunRecord.FILE_NAME));
        Optional<RunState> ended = recorded ? RunRecord.read(directory).ended() : Optional.empty();
        return ended.orElse(saved >= config.train().maxSteps() ? RunState.FINISHED : RunState.STOPPED);
    }

    /**
     * How many updates the run has made: {@link #saved}, or {@code logged} if the run is being trained and has logged more.
     *
     * @param logged the last step of metrics.csv
     */
    public long step(long logged) {
        return state == RunState.RUNNING ? Math.max(saved, logged) : saved;
    }

    /** The command that continues the run: {@code train}, or {@code cluster train}. */
    public String command() {
        return byWorkers ? WorkerStates.COMMAND : "train";
    }

    /** Updates between two steps at which the run can save and write a sample: 1, or with workers those of a round. */
    public long round() {
        return byWorkers ? config.cluster().innerSteps() : 1;
    }

    /** The step at which the run does what is due at {@code step}, e.g. writes a sample: with workers, the end of the step's round. */
    public long stepThatDoes(long step) {
        return byWorkers && step > 0 ? config.cluster().roundEnd(step - 1, config.train().maxSteps()) : step;
    }

    /** The model that the run fine-tunes, {@code gpt2 fine-tuned}; of a new model its tokenizer, {@code bpe 1,024}. */
    public static String origin(RunConfig config) {
        return config.model().initFrom().map(model -> model + " fine-tuned").orElseGet(() -> tokenizer(config));
    }

    /**
     * The tokenizer in a few words: {@code bpe 1,024}, {@code char}, {@code gpt2}, or the path of its files. {@code own} is the tokenizer
     * of the model to fine-tune.
     */
    static String tokenizer(RunConfig config) {
        Optional<TokenizerConfig> asked = config.data().tokenizer();
        if (asked.isEmpty()) {
            return "own";
        }
        if (asked.get() instanceof TokenizerConfig.HuggingFaceTokenizerConfig files) {
            return files.path().toString();
        }
        if (asked.get() instanceof TokenizerConfig.BpeTokenizerConfig bpe && bpe.vocabSize().isPresent()) {
            return "bpe %,d".formatted(bpe.vocabSize().get());
        }
        return asked.get().getClass().getAnnotation(TypeName.class).value();
    }
}
