package inkling.serve.runs;

import inkling.errors.Printable;
import inkling.run.RunState;
import inkling.run.folder.RunStanding;
import inkling.run.process.TrainingLauncher;
import inkling.serve.http.ApiFault;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Stops, resumes and extends runs, by the same means as a user at a terminal. To stop a run, it sends a signal to the process that holds
 * the run's lock. To resume or extend a run, it starts {@code train --resume} as a process of its own.
 */
final class RunControl {
    /** The file in a run's directory that has the output of a training that this server started. */
    static final String OUTPUT = "dashboard.log";

    private static final int LAST_BYTES = 2_000;
    private static final int LAST_LINES = 8;

    /** Exit codes of a training that did not fail: it was finished, or a signal stopped it. */
    private static final Set<Integer> GOOD_EXITS = Set.of(0, 129, 130, 143);

    private final TrainingLauncher launcher;
    private final Optional<BesideTraining> beside;
    private final Map<String, Process> started = new HashMap<>();
    private final Map<String, Long> stopping = new HashMap<>();

    /** @param beside the training that this server was started for */
    RunControl(TrainingLauncher launcher, Optional<BesideTraining> beside) {
        this.launcher = launcher;
        this.beside = beside;
    }

    /** The command that stops a training. */
    static String stopCommand(ProcessHandle trainer) {
        return "kill " + trainer.pid();
    }

    /**
     * The values of {@code --set} with which a run continues: {@code maxSteps}, if given; if early stopping ended the run, one that turns
     * it off.
     */
    static List<String> settings(RunStanding run, OptionalLong maxSteps) {
        List<String> settings = new ArrayList<>();
        if (run.state() == RunState.STOPPED_EARLY) {
            settings.add("train.early_stopping_patience=null");
        }
        maxSteps.ifPresent(steps -> settings.add("train.max_steps=" + steps));
        return settings;
    }

    /** The command that continues a run: {@code ./inkling train --resume checkpoints/NAME …}, or that of {@code cluster train}. */
    static String resumeCommand(RunStanding run, List<String> settings) {
        StringBuilder command = new StringBuilder("./inkling ").append(run.command()).append(" --resume ")
            .append(Printable.shellWord(run.directory().toString()));
        settings.forEach(setting -> command.append(" --set ").append(Printable.shellWord(setting)));
        return command.toString();
    }

    /** Says why this server cannot send a stop signal to the process that trains a run; empty if it can try. */
    static Optional<String> refusal(Optional<ProcessHandle> trainer) {
        if (trainer.isEmpty()) {
            return Optional.of("This server sees no process on this machine that trains this run."
                + " Stop the training where it was started: press Ctrl-C there.");
        }
        boolean signalled = trainer.get().supportsNormalTermination() && trainer.get().pid() != ProcessHandle.current().pid();
        return signalled ? Optional.empty()
            : Optional.of("This server cannot ask its process to save and end: press Ctrl-C in its terminal.");
    }

    /**
     * Asks the training process of a run to save and end, as Ctrl-C in its terminal does.
     *
     * @param seen the id of the process that the user was shown; no other process is stopped
     * @throws ApiFault 409 if that process does not train the run now, cannot be stopped by this server, or was asked to stop already
     */
    synchronized void stop(RunStanding run, long seen) {
        if (run.trainer().isEmpty()) {
            throw ApiFault.request(409, "This run is not being trained now.");
        }
        if (run.trainer().getAsLong() != seen) {
            throw ApiFault.request(409, "Another process trains this run now: process %d.".formatted(run.trainer().getAsLong()));
        }
        Optional<ProcessHandle> trainer = TrainerProcess.of(run);
        refusal(trainer).ifPresent(why -> {
            throw ApiFault.request(409, why);
        });
        ProcessHandle process = trainer.orElseThrow();
        if (isStopping(run)) {
            throw ApiFault.request(409, "The training was asked to stop already, and is saving;"
                + " a second signal would end it before it has saved.");
        }
        if (!process.destroy()) {
            throw ApiFault.request(409, "Process %d could not be signalled: it belongs to another user.".formatted(seen));
        }
        stopping.put(run.name(), seen);
    }

    /** Whether this server has asked the process that trains the run to stop. */
    synchronized boolean isStopping(RunStanding run) {
        return run.trainer().isPresent() && stopping.getOrDefault(run.name(), 0L) == run.trainer().getAsLong();
    }

    /** Whether this server has started a training of the run that still runs, but does not hold the run's lock yet. */
    synchronized boolean isStarting(RunStanding run) {
        return run.state() != RunState.RUNNING && started.containsKey(run.name()) && started.get(run.name()).isAlive();
    }

    /**
     * Continues a run in a new process.
     *
     * @param settings as {@code --set} takes them
     * @return the id of the process
     * @throws ApiFault 409 if the run is being trained, or belongs to workers on Spark
     */
    synchronized long resume(RunStanding run, List<String> settings) {
        if (run.state() == RunState.RUNNING || isStarting(run)) {
            throw ApiFault.request(409, "This run is being trained already. Stop it first.");
        }
        if (run.byWorkers()) {
            throw ApiFault.request(409, "Workers on Spark trained this run. Resume it on Spark: " + resumeCommand(run, settings));
        }
        List<String> arguments = new ArrayList<>(List.of("train", "--resume", run.directory().toString()));
        settings.forEach(setting -> arguments.addAll(List.of("--set", setting)));
        Process process = launcher.start(arguments, run.directory().resolve(OUTPUT));
        started.put(run.name(), process);
        return process.pid();
    }

    /**
     * How the run's last training failed; empty if it did not fail. Only trainings that this server knows count: the last one that this
     * server started for the run; if there is none, the training that started this server ({@code train --dashboard}).
     */
    synchronized Optional<String> failure(RunStanding run) {
        Process process = started.get(run.name());
        if (process == null) {
            return beside.flatMap(training -> training.failure(run)).map("Its training failed: "::concat);
        }
        return process.isAlive() || GOOD_EXITS.contains(process.exitValue()) ? Optional.empty()
            : Optional.of("The training that was started here ended with exit code %d:%n%s".formatted(process.exitValue(),
            lastLines(run.directory().resolve(OUTPUT))));
    }

    private static String lastLines(Path file) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(LAST_BYTES, channel.size()));
            channel.read(bytes, channel.size() - bytes.capacity());
            List<String> lines = new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8).lines().toList();
            return Printable.text(String.join("\n", lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size())));
        } catch (IOException e) {
            return "";
        }
    }
}
