package inkling.cli.train;

import inkling.cli.terminal.CommandEnvironment;
import inkling.cli.terminal.StopSignals;
import inkling.errors.ConfigException;
import inkling.errors.ExitCode;
import inkling.run.TrainOutcome;
import inkling.run.TrainRun;
import inkling.runfile.ConfigFile;
import inkling.train.Ending;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code train CONFIG.yaml}, {@code train --resume RUN}. */
@Command(name = "train", description = "Train a model from a run file, or continue a run exactly where it stopped.",
    footer = {"", "Examples:", "  inkling train configs/dickens.yaml",
        "  inkling train configs/dickens.yaml --run wide --set model.n_embd=192",
        "  inkling train --resume checkpoints/dickens --set train.max_steps=4000"})
public final class TrainCommand implements Callable<Integer> {
    /** Without {@code --verbose}, at most this many files of the training text are named. */
    public static final int FILES_NAMED = 3;

    @Parameters(arity = "0..1", paramLabel = "CONFIG.yaml", description = "the run file; docs/config.md lists its keys")
    Path config;

    @Option(names = "--resume", paramLabel = "RUN", description = "a run directory or name, or one checkpoint inside a run")
    String resume;

    @Option(names = "--set", paramLabel = "a.b=v", description = "override a key of the run file; may be repeated")
    List<String> overrides = new ArrayList<>();

    @Option(names = "--run", paramLabel = "NAME", description = "the run's name, instead of the value of `name` in the run file")
    String run;

    @Option(names = "--dashboard", description =
        "show the run in a browser while it trains: curves, samples, and buttons to stop and resume it")
    boolean dashboard;

    @Option(names = "--verbose", description = "name every file that is read, with its size and its tokens")
    boolean verbose;

    @Override
    public Integer call() {
        if ((config == null) == (resume == null)) {
            throw new ConfigException("train needs a run file, or --resume RUN, and not both; e.g. `inkling train configs/dickens.yaml`.");
        }
        if (resume != null && run != null) {
            throw new ConfigException("--run names a new run, but --resume continues an existing one. Leave one of them out.");
        }
        CommandEnvironment.tellMissingSettings();
        StopSignals signals = StopSignals.install();
        Optional<DashboardProcess> server = dashboard ? DashboardProcess.begin() : Optional.empty();
        TrainingDisplay display = new TrainingDisplay(verbose ? Integer.MAX_VALUE : FILES_NAMED, "; --verbose names them");
        TrainOutcome outcome;
        try {
            outcome = resume != null ? TrainRun.resume(resume, CommandEnvironment.RUNS, overrides, display, signals)
                : begin(display, signals);
        } catch (RuntimeException e) {
            server.ifPresent(shown -> shown.failed(e));
            throw e;
        } finally {
            display.close();
        }
        display.summary(outcome);
        server.ifPresent(DashboardProcess::outlive);
        return outcome.ending() == Ending.STOPPED ? signals.exitCode().code() : ExitCode.DONE.code();
    }

    private TrainOutcome begin(TrainingDisplay display, StopSignals signals) {
        List<String> all = new ArrayList<>(overrides);
        if (run != null) {
            all.add("name=" + run);
        }
        return TrainRun.begin(ConfigFile.read(config, all), CommandEnvironment.RUNS, display, signals);
    }
}
