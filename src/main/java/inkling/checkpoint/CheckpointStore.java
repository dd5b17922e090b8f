package inkling.checkpoint;

import inkling.errors.ConfigException;
import inkling.errors.FileFaults;
import inkling.errors.ModelFormatException;
import inkling.io.Content;
import inkling.io.DurableFiles;
import inkling.io.Manifest;
import inkling.io.text.TextFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The step directories of one run, each with a checkpoint, and the run's two pointers. A pointer is a file, {@code last} or {@code best},
 * that holds the name of a step directory.
 *
 * <p>A step directory appears whole, under its final name, in one rename; a pointer moves only after that. So once there is a
 * {@code last}, it names a whole checkpoint at every moment. {@link #prune} deletes no checkpoint that a pointer names.
 */
public final class CheckpointStore {
    private static final Pattern STEP = Pattern.compile("step-([0-9]{6,18})");
    private static final String LAST = "last";
    private static final String BEST = "best";

    private final Path run;
    private final DurableFiles files;

    public CheckpointStore(Path run, DurableFiles files) {
        this.run = run;
        this.files = files;
    }

    /** The name of a step directory: {@code step-000500} for 500. */
    public static String nameOf(long step) {
        return String.format(Locale.ROOT, "step-%06d", step);
    }

    /**
     * Writes the checkpoint of {@code step} and moves {@code last} to it. A checkpoint that is there already, from before the run was
     * resumed at an earlier step, is replaced.
     */
    public Path save(long step, Map<String, Content> content) {
        Path target = run.resolve(nameOf(step));
        if (Files.exists(target)) {
            files.deleteDirectory(target);
        }
        files.writeDirectory(target, content);
        pointLast(step);
        return target;
    }

    /** Moves {@code last} to the checkpoint of {@code step}, which must be saved already. */
    public void pointLast(long step) {
        files.write(run.resolve(LAST), pointer(step));
    }

    /** Moves {@code best} to the checkpoint of {@code step}, which must be saved already. */
    public void markBest(long step) {
        files.write(run.resolve(BEST), pointer(step));
    }

    /**
     * Corrects {@code best} when a run is resumed. The pointer is wrong, for example, if the process died between moving {@code last} and
     * moving {@code best}. It is also wrong if the run is resumed from an earlier checkpoint than {@code best} names.
     *
     * @param step the step of the lowest validation loss so far. If its checkpoint is gone, {@code best} then names the same checkpoint as
     *     {@code last}. Empty if no validation loss can be compared yet. Then {@code best} stays, unless it names a later step than
     *     {@code last}: in that case it moves to the checkpoint of {@code last}
     */
    public void restoreBest(OptionalLong step) {
        Optional<Path> last = last();
        Path named = Path.of(names(BEST));
        boolean ahead = STEP.matcher(named.toString()).matches() && last.filter(path -> stepOf(path) < stepOf(named)).isPresent();
        if (step.isEmpty() && !ahead) {
            return;
        }
        Path wanted = run.resolve(step.isPresent() ? nameOf(step.getAsLong()) : names(LAST));
        Optional<Path> best = Files.isDirectory(wanted) ? Optional.of(wanted) : last;
        best.filter(path -> !names(BEST).equals(path.getFileName().toString())).ifPresent(path -> markBest(stepOf(path)));
    }

    /**
     * Deletes all checkpoints but the newest {@code keep} and those that {@code last} and {@code best} name. For each milestone (a step),
     * the first checkpoint at or after this step stays too.
     */
    public void prune(int keep, List<Long> milestones) {
        List<Path> steps = steps();
        Set<Path> kept = new HashSet<>(steps.subList(0, Math.min(keep, steps.size())));
        last().ifPresent(kept::add);
        best().ifPresent(kept::add);
        milestones.forEach(milestone -> steps.stream().filter(step -> stepOf(step) >= milestone).reduce((newer, older) -> older)
            .ifPresent(kept::add));
        steps.stream().filter(step -> !kept.contains(step)).forEach(files::deleteDirectory);
    }

    /** Step directories, newest first. */
    public List<Path> steps() {
        if (!Files.isDirectory(run)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(run)) {
            return entries.filter(path -> STEP.matcher(path.getFileName().toString()).matches() && Files.isDirectory(path))
                .sorted(Comparator.comparingLong(CheckpointStore::stepOf).reversed()).toList();
        } catch (IOException e) {
            throw FileFaults.cannot("list", run, e);
        }
    }

    /**
     * The checkpoint that {@code last} names; empty if there is no such file.
     *
     * @throws ModelFormatException if the pointer is damaged or names no directory
     */
    public Optional<Path> last() {
        return pointed(LAST);
    }

    /**
     * The checkpoint that {@code best} names; empty if there is no such file.
     *
     * @throws ModelFormatException if the pointer is damaged or names no directory
     */
    public Optional<Path> best() {
        return pointed(BEST);
    }

    /**
     * The directory of the checkpoint of {@code step}.
     *
     * @throws ConfigException if there is none; the message lists the steps that there are
     */
    public Path at(long step) {
        Path path = run.resolve(nameOf(step));
        if (!Files.isDirectory(path)) {
            throw new ConfigException("%s: there is no checkpoint of step %d; there are %s.".formatted(run, step,
                steps().isEmpty() ? "none" : String.join(", ", steps().stream().map(p -> Long.toString(stepOf(p))).toList())));
        }
        return path;
    }

    /** The step in a step directory's name: 500 for {@code step-000500}. */
    public static long stepOf(Path checkpoint) {
        Matcher name = STEP.matcher(nameOf(checkpoint));
        if (!name.matches()) {
            throw new IllegalArgumentException(checkpoint + " is no step directory");
        }
        return Long.parseLong(name.group(1));
    }

    /** Whether {@code path} has a step directory's name; {@code .} has the name of the directory that it stands for. */
    public static boolean isStep(Path path) {
        return STEP.matcher(nameOf(path)).matches();
    }

    private static String nameOf(Path path) {
        Path name = path.toAbsolutePath().normalize().getFileName();
        return name == null ? "" : name.toString();
    }

    /** The command that continues the run: {@code train}, or {@code cluster train}. Empty if the run has no checkpoint. */
    public Optional<String> command() {
        List<Path> steps = steps();
        return steps.isEmpty() ? Optional.empty() : Optional.of(isOfWorkers(steps) ? WorkerStates.COMMAND : "train");
    }

    /** Whether workers made one of the checkpoints. */
    public boolean isOfWorkers() {
        return isOfWorkers(steps());
    }

    private static boolean isOfWorkers(List<Path> steps) {
        return steps.stream().anyMatch(WorkerStates::isIn);
    }

    /**
     * Checks every file that the manifest of {@code checkpoint} lists.
     *
     * @throws ModelFormatException if a file is missing or damaged, or there is no manifest. The message names the fault, and the newest
     *     whole checkpoint of the same run if there is one
     */
    public void verify(Path checkpoint) {
        try {
            wholeOrThrow(checkpoint);
        } catch (ModelFormatException e) {
            String way = newestWhole()
                .map(whole -> "The newest whole checkpoint is %s: continue from it with `%s --resume %s`."
                    .formatted(whole.getFileName(), command().orElse("train"), whole))
                .orElse("No other checkpoint of this run is whole.");
            throw new ModelFormatException("%s: this checkpoint cannot be used.\n%s\n%s".formatted(checkpoint, e.getMessage(), way), e);
        }
    }

    /** The newest checkpoint that agrees with its manifest, whether a pointer names it or not. */
    public Optional<Path> newestWhole() {
        return steps().stream().filter(CheckpointStore::isWhole).findFirst();
    }

    private static void wholeOrThrow(Path checkpoint) {
        Manifest.read(checkpoint).orElseThrow(() -> new ModelFormatException(
            "%s: there is no %s, which is written last.".formatted(checkpoint, Manifest.FILE_NAME))).verify(checkpoint);
    }

    private static boolean isWhole(Path checkpoint) {
        try {
            wholeOrThrow(checkpoint);
            return true;
        } catch (ModelFormatException e) {
            return false;
        }
    }

    /** The name of the step directory that the file {@code pointer} holds; "" if there is no such file. */
    private String names(String pointer) {
        Path file = run.resolve(pointer);
        return Files.exists(file) ? TextFiles.readPart(file).strip() : "";
    }

    private Optional<Path> pointed(String pointer) {
        Path file = run.resolve(pointer);
        String name = names(pointer);
        if (name.isEmpty() && !Files.exists(file)) {
            return Optional.empty();
        }
        if (!STEP.matcher(name).matches()) {
            throw new ModelFormatException("%s: holds \"%s\", expected the name of a step directory.".formatted(file, name));
        }
        if (!Files.isDirectory(run.resolve(name))) {
            throw new ModelFormatException("%s: names %s, which is not there; there are %s.".formatted(file, name,
                steps().isEmpty() ? "none" : String.join(", ", steps().stream().map(p -> p.getFileName().toString()).toList())));
        }
        return Optional.of(run.resolve(name));
    }

    private static byte[] pointer(long step) {
        return (nameOf(step) + "\n").getBytes(StandardCharsets.UTF_8);
    }
}
