package inkling.spark;

import inkling.cli.terminal.CommandEnvironment;
import inkling.cli.terminal.StopSignals;
import inkling.cli.train.TrainCommand;
import inkling.cli.train.TrainingDisplay;
import inkling.errors.ConfigException;
import inkling.errors.ExitCode;
import inkling.run.TrainOutcome;
import inkling.run.TrainRun;
import inkling.runfile.ConfigFile;
import inkling.spark.settings.ClusterSettings;
import inkling.spark.settings.SparkOptions;
import inkling.spark.settings.StandaloneMaster;
import inkling.train.Ending;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cluster train CONFIG.yaml}, {@code cluster train --resume RUN}. */
@Command(name = "train",
    description = "Train in rounds: several workers update their own copies of the model, then one step applies the mean of their changes.",
    footer = {"", "Examples:", "  inkling cluster train configs/dickens.yaml",
        "  inkling cluster train configs/dickens.yaml --master local-cluster[2,1,2048] --set cluster.inner_steps=50",
        "  inkling cluster train --resume checkpoints/dickens --master spark://10.0.0.5:7077"})
public final class ClusterTrainCommand implements Callable<Integer> {
    @Parameters(arity = "0..1", paramLabel = "CONFIG.yaml",
        description = "the run file; its section `cluster` has the number of workers and the settings of a round")
    Path config;

    @Option(names = "--resume", paramLabel = "RUN", description = "a run directory or name, or one checkpoint inside a run")
    String resume;

    @Option(names = "--set", paramLabel = "a.b=v", description = "override a key of the run file; may be repeated")
    List<String> overrides = new ArrayList<>();

    @Option(names = "--run", paramLabel = "NAME", description = "the run's name, instead of the value of `name` in the run file")
    String run;

    @Mixin
    SparkOptions spark = new SparkOptions();

    @Override
    public Integer call() {
        if ((config == null) == (resume == null)) {
            throw new ConfigException(
                "cluster train needs a run file, or --resume RUN, and not both; e.g. `inkling cluster train configs/dickens.yaml`.");
        }
        if (resume != null && run != null) {
            throw new ConfigException("--run names a new run, but --resume continues an existing one. Leave one of them out.");
        }
        ClusterSettings settings = ClusterSettings.of(spark.master(), spark.given(), System.getenv());
        StandaloneMaster.require(spark.master());
        CommandEnvironment.tellMissingSettings();
        StopSignals signals = StopSignals.install("saving after this round");
        TrainingDisplay display = new TrainingDisplay(TrainCommand.FILES_NAMED, "");
        Rounds rounds = new Rounds(settings);
        TrainOutcome outcome;
        try {
            outcome = resume != null ? TrainRun.resume(resume, CommandEnvironment.RUNS, overrides, display, signals, rounds)
                : TrainRun.begin(ConfigFile.read(config, overridesWithName()), CommandEnvironment.RUNS, display, signals, rounds);
        } finally {
            display.close();
        }
        display.summary(outcome);
        return outcome.ending() == Ending.STOPPED ? signals.exitCode().code() : ExitCode.DONE.code();
    }

    private List<String> overridesWithName() {
        List<String> all = new ArrayList<>(overrides);
        if (run != null) {
            all.add("name=" + run);
        }
        return all;
    }
}
