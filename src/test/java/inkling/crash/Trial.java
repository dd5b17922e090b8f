package inkling.crash;

import inkling.TinyRun;
import inkling.checkpoint.CheckpointStore;
import inkling.errors.InklingException;
import inkling.io.DurableFiles;
import inkling.run.LauncherSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A directory with a tiny run whose training process is disturbed. The same run in another directory is not disturbed and keeps every
 * checkpoint. So after each fault, and not only in the end, the files on disk can be compared bit for bit.
 */
final class Trial {
    static final long STEPS = 60;
    static final String RUN = "tiny";
    private static final String WHOLE = "whole";
    /** The system property with the precision of the runs; without it, float32. */
    static final String PRECISION = "inkling.crash.precision";
    private static final String CONFIG = TinyRun.CONFIG.replace("max_steps: 8", "max_steps: " + STEPS)
        .replace("eval_interval: 4", "eval_interval: 6").replace("checkpoint_interval: 4", "checkpoint_interval: 2")
        .replace("batch_size: 4", "batch_size: 2").replace("grad_accum_steps: 2", "grad_accum_steps: 3");

    private final Path directory;
    private final Path run;
    private final Path whole;

    private Trial(Path directory, Path whole) {
        this.directory = directory;
        this.run = directory.resolve("checkpoints").resolve(RUN);
        this.whole = whole;
    }

    /** A trial in {@code directory} that is compared with the undisturbed run in {@code reference}. */
    static Trial in(Path directory, Path reference) throws IOException {
        Files.createDirectories(directory);
        TinyRun.files(directory);
        Files.writeString(directory.resolve("tiny.yaml"), CONFIG + "precision: %s\n".formatted(System.getProperty(PRECISION, "float32")));
        return new Trial(directory, reference.resolve("checkpoints").resolve(WHOLE));
    }

    /** Trains the undisturbed run in {@code reference}. */
    static void undisturbed(Path reference) throws Exception {
        Trial trial = in(reference, reference);
        Ended ended = trial.finish(trial.command(List.of(), "train", "tiny.yaml", "--run", WHOLE, "--set", "train.keep_checkpoints=100"));
        if (ended.exit() != 0) {
            throw new IllegalStateException("the undisturbed run failed:\n" + ended.output());
        }
    }

    record Ended(int exit, String output) {}

    /** A process, not started yet, that begins the run or continues it. */
    ProcessBuilder train(List<String> javaOptions) {
        return Files.exists(run.resolve("config.yaml")) ? command(javaOptions, "train", "--resume", RUN)
            : command(javaOptions, "train", "tiny.yaml");
    }

    ProcessBuilder command(List<String> javaOptions, String... arguments) {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xshare:auto",
            "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-XX:+ExitOnOutOfMemoryError", "-XX:ErrorFile="
                + directory.resolve("hs_err.log"), "-cp",
            System.getProperty("java.class.path")));
        command.addAll(javaOptions);
        command.add("inkling.cli.Main");
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true);
        builder.environment().putAll(LauncherSettings.all());
        builder.environment().put("OMP_NUM_THREADS", "1");
        return builder;
    }

    /** Starts a process and waits for its end. Its output goes to a file, so that it never waits for a reader. */
    Ended finish(ProcessBuilder builder) throws Exception {
        Path output = directory.resolve("output.txt");
        Process process = builder.redirectOutput(output.toFile()).start();
        return new Ended(process.waitFor(), Files.readString(output));
    }

    Path directory() {
        return directory;
    }

    Path run() {
        return run;
    }

    /** The step that {@code last} names; −1 before the first save. */
    long last() {
        return store().last().map(CheckpointStore::stepOf).orElse(-1L);
    }

    private CheckpointStore store() {
        return new CheckpointStore(run, DurableFiles.SYSTEM);
    }

    /**
     * What is wrong with the directory after a fault; empty if nothing is. Looks for a last step below {@code committed}, for a last or
     * best checkpoint that is damaged or has other bits than the undisturbed run's, and for a crash of the JVM.
     */
    Optional<String> damage(long committed) {
        try {
            CheckpointStore store = store();
            if (last() < committed) {
                return Optional.of("step %d was saved, but last is %d".formatted(committed, last()));
            }
            for (Path checkpoint : Stream.concat(store.last().stream(), store.best().stream()).toList()) {
                store.verify(checkpoint);
                long step = CheckpointStore.stepOf(checkpoint);
                if (!TinyRun.bits(run, step).equals(TinyRun.bits(whole, step))) {
                    return Optional.of("step %d has other bits than the undisturbed run's".formatted(step));
                }
            }
            return Files.exists(directory.resolve("hs_err.log")) ? Optional.of("the JVM crashed") : Optional.empty();
        } catch (InklingException | IOException e) {
            return Optional.of(e.toString());
        }
    }

    /** What differs from the undisturbed run now that this one is at its end. */
    Optional<String> difference() throws IOException {
        Optional<String> damage = damage(STEPS);
        if (damage.isPresent()) {
            return damage;
        }
        if (!TinyRun.metrics(run).equals(TinyRun.metrics(whole))) {
            return Optional.of("metrics.csv differs");
        }
        return Files.readString(run.resolve("best")).equals(Files.readString(whole.resolve("best"))) ? Optional.empty()
            : Optional.of("best names another step");
    }

    /** Deletes the run and its token files, so that the next run can begin. */
    void clear() throws IOException {
        try (Stream<Path> all = Files.walk(directory.resolve("checkpoints"))) {
            for (Path path : all.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
