package inkling.run;

import inkling.checkpoint.CheckpointStore;
import inkling.errors.ConfigException;
import inkling.errors.DidYouMean;
import inkling.errors.FileFaults;
import inkling.errors.ModelFormatException;
import inkling.formats.ModelDirectory;
import inkling.formats.peft.PeftAdapter;
import inkling.io.DirectoryLock;
import inkling.io.DurableFiles;
import inkling.io.Manifest;
import inkling.io.gguf.GgufFile;
import inkling.runfile.ConfigFile;
import inkling.runfile.RunConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The model that MODEL on a command line names. MODEL can be:
 * <ul>
 * <li>A run directory, or the bare name of a run in the folder of runs.</li>
 * <li>One checkpoint inside a run, also {@code RUN/last} or {@code RUN/best}.</li>
 * <li>A Hugging Face model directory.</li>
 * <li>A GGUF file.</li>
 * <li>A directory with only adapters, whose base model is elsewhere.</li>
 * </ul>
 *
 * @param directory the directory with config.json and the weights, or a GGUF file. If the directory holds only adapters,
 *     {@link ModelDirectory#base} gives the base model's directory
 * @param remark for the user: which checkpoint of a run directory was taken, or where the base model of the adapters is
 */
public record ModelLocation(Path directory, Optional<String> remark) {
    private static final List<String> POINTERS = List.of("last", "best");

    /**
     * Finds the model that a command line names.
     *
     * @param model as typed: a path or a run's name ({@link #existing})
     * @param checkpoint {@code last}, {@code best} or a step of a run; if empty, the run's {@link #chosen} checkpoint is taken
     * @param runs the folder of runs, in which a bare name is looked for
     * @throws ConfigException if nothing has this name, the run has no checkpoint of this step, or {@code checkpoint} is given for what is
     *     a single model already
     * @throws ModelFormatException if {@code model} is not a model, if the checkpoint is damaged, or if the run has no last or best one
     */
    public static ModelLocation find(String model, Optional<String> checkpoint, Path runs) {
        return of(existing(model, runs), checkpoint);
    }

    /**
     * As {@link #find}, for commands that run the model. The weights of step 0 have learned nothing from the run's text, so they are taken
     * only if {@code model} or {@code checkpoint} names a checkpoint.
     *
     * @throws ConfigException if {@code checkpoint} is empty and {@code model} is a run whose last checkpoint is step 0, with no later one
     *     as its best
     */
    public static ModelLocation findTrained(String model, Optional<String> checkpoint, Path runs) {
        ModelLocation location = find(model, checkpoint, runs);
        Path named = existing(model, runs);
        boolean chosenHere = checkpoint.isEmpty() && isRun(named) && !CheckpointStore.isStep(named);
        if (chosenHere && !isTrained(location.directory)) {
            throw new ConfigException(("%s: the last checkpoint is step 0, whose weights have learned nothing of the run's text. %s;"
                + " --checkpoint 0 takes step 0 as it is.").formatted(named, wayToALaterStep(named)));
        }
        return location;
    }

    private static String wayToALaterStep(Path run) {
        if (DirectoryLock.holder(run).isEmpty()) {
            return "Continue the run with `%s --resume %s`".formatted(command(run), run);
        }
        RunConfig config = ConfigFile.read(run.resolve(TrainRun.CONFIG_FILE), List.of());
        return "The run is being trained: wait for its next checkpoint, at step %d".formatted(
            new CheckpointStore(run, DurableFiles.SYSTEM).isOfWorkers() ? config.cluster().roundEnd(0, config.train().maxSteps())
            : config.train().firstSavedUpdate());
    }

    private static String command(Path run) {
        return new CheckpointStore(run, DurableFiles.SYSTEM).command().orElse("train");
    }

    /** Whether a run's checkpoint has at least one update; true for any other model. */
    public static boolean isTrained(Path checkpoint) {
        return !CheckpointStore.isStep(checkpoint) || CheckpointStore.stepOf(checkpoint) > 0;
    }

    /** As {@link #find}, by path alone: {@code of(Path.of("my-runs/dickens"), Optional.empty())} is that run's best or last checkpoint. */
    public static ModelLocation of(Path path, Optional<String> checkpoint) {
        Path parent = path.toAbsolutePath().getParent();
        if (Files.isRegularFile(path) && POINTERS.contains(path.getFileName().toString())) {
            requireNone(checkpoint, path);
            return ofRun(parent, Optional.of(path.getFileName().toString()));
        }
        if (isModel(path)) {
            requireNone(checkpoint, path);
            if (CheckpointStore.isStep(path) && Files.exists(path.resolve(Manifest.FILE_NAME))) {
                new CheckpointStore(parent, DurableFiles.SYSTEM).verify(path);
            }
            Path base = ModelDirectory.base(path);
            Optional<String> remark = base.equals(path) ? Optional.empty()
                : Optional.of("%s: adapters; their base is %s".formatted(path, base));
            return new ModelLocation(path, remark);
        }
        if (!isRun(path)) {
            throw new ModelFormatException(Files.isRegularFile(path)
                ? "%s is not a GGUF file, the only file that can be a model.".formatted(path)
                : "%s is not a model: it has neither %s (a model directory) nor checkpoints (a run directory)."
                    .formatted(path, ModelDirectory.CONFIG_FILE));
        }
        return ofRun(path, checkpoint);
    }

    /**
     * The directory or file that {@code name} means: a path, or a run's name in the folder {@code runs}. If both exist, the path wins,
     * unless it is a folder that holds neither a run nor a model. Such a folder may hold the texts that the run learned from.
     *
     * @throws ConfigException if neither exists; the message names a run with a similar name, if there is one
     */
    public static Path existing(String name, Path runs) {
        Path path = Path.of(name);
        Path run = runs.resolve(name);
        boolean mereFolder = Files.isDirectory(path) && !isRun(path) && !isModel(path);
        if (Files.exists(path) && !(mereFolder && isRun(run))) {
            return path;
        }
        if (Files.exists(run)) {
            return run;
        }
        throw new ConfigException(("%s does not exist, nor does %s: name a run directory, a run's name, a checkpoint, or a model "
            + "directory. Inkling downloads no models.%s")
            .formatted(path, run, DidYouMean.hint(name, names(runs))));
    }

    /** The names of the runs in the folder {@code runs}, sorted; none if there is no such folder. */
    public static List<String> names(Path runs) {
        if (!Files.isDirectory(runs)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(runs)) {
            return entries.filter(entry -> Files.isRegularFile(entry.resolve(TrainRun.CONFIG_FILE)) && !DurableFiles.isTemporary(entry))
                .map(entry -> entry.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw FileFaults.cannot("list", runs, e);
        }
    }

    private static void requireNone(Optional<String> checkpoint, Path model) {
        if (checkpoint.isPresent()) {
            throw new ConfigException("--checkpoint %s: %s is one model already, not a run directory.".formatted(checkpoint.get(), model));
        }
    }

    private static boolean isModel(Path path) {
        return Files.exists(path.resolve(ModelDirectory.CONFIG_FILE)) || PeftAdapter.isIn(path) || GgufFile.isAt(path);
    }

    private static boolean isRun(Path path) {
        return Files.exists(path.resolve(TrainRun.CONFIG_FILE)) || POINTERS.stream().anyMatch(p -> Files.exists(path.resolve(p)));
    }

    private static ModelLocation ofRun(Path run, Optional<String> choice) {
        CheckpointStore store = new CheckpointStore(run, DurableFiles.SYSTEM);
        Optional<Path> best = store.best();   // read once, because a training may move it meanwhile
        Optional<Path> chosen = switch (choice.orElse("")) {
            case "" -> bestElseLast(best, store);
            case "last" -> store.last();
            case "best" -> best;
            default -> Optional.of(store.at(step(choice.get())));
        };
        Path directory = chosen.orElseThrow(() -> new ModelFormatException("%s has no %s checkpoint yet: train it, or continue it with"
            .formatted(run, choice.orElse("whole")) + " `%s --resume %s`.".formatted(command(run), run)));
        store.verify(directory);
        String name = directory.getFileName().toString();
        return new ModelLocation(directory, Optional.of("%s: %s%s".formatted(run, name, choice.isPresent() ? "" : why(directory, best))));
    }

    /**
     * The checkpoint that a run directory means if none is named: its best, or its last if there is no best or the best is step 0. It is
     * not verified.
     */
    public static Optional<Path> chosen(Path run) {
        CheckpointStore store = new CheckpointStore(run, DurableFiles.SYSTEM);
        return bestElseLast(store.best(), store);
    }

    private static Optional<Path> bestElseLast(Optional<Path> best, CheckpointStore store) {
        return best.filter(ModelLocation::isTrained).or(store::last);
    }

    private static String why(Path chosen, Optional<Path> best) {
        return best.isEmpty() ? " (its last)" : best.get().equals(chosen) ? " (its best; --checkpoint last|best|STEP for another)"
            : " (its last: the lowest validation loss is that of step 0, before the first update; --checkpoint last|best|STEP for another)";
    }

    private static long step(String text) {
        if (!text.matches("[0-9]{1,18}")) {
            throw new ConfigException("--checkpoint %s is none of last, best, or a step such as 500.".formatted(text));
        }
        return Long.parseLong(text);
    }
}
