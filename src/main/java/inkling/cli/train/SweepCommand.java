package inkling.cli.train;

import inkling.cli.option.PageOption;
import inkling.cli.runs.RunOverlay;
import inkling.cli.terminal.CommandEnvironment;
import inkling.cli.terminal.Console;
import inkling.cli.terminal.StopSignals;
import inkling.inspect.RunHistory.Point;
import inkling.run.TrainOutcome;
import inkling.run.TrainRun;
import inkling.run.folder.RunFolder;
import inkling.run.folder.RunSummary;
import inkling.run.folder.SweepPlan;
import inkling.runfile.ConfigFile;
import inkling.runfile.RunConfig;
import inkling.runfile.Sweep;
import inkling.train.DivergedException;
import inkling.train.Ending;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sweep CONFIG.yaml --over KEY=V1,V2…}. */
@Command(name = "sweep", description = "Train a run file with each combination of some values, one run after the other, and compare them."
    + " The same command, given again, continues: it skips runs that are done and resumes one that was stopped.",
    footer = {"", "Examples:", "  inkling sweep configs/dickens.yaml --over schedule.learning_rate=1e-3,3e-3,1e-2 --set "
    + "train.max_steps=300",
        "  inkling sweep configs/dickens.yaml --over model.n_layer=2,4 --over 'optimizer={type: adamw},{type: muon}'"})
public final class SweepCommand implements Callable<Integer> {
    private static final int MAX_FILES_LISTED = 3;

    @Parameters(paramLabel = "CONFIG.yaml", description = "the run file")
    Path config;

    @Option(names = "--over", required = true, paramLabel = "a.b=v1,v2,…", description = "a key and the values to try; may be repeated")
    List<String> over;

    @Option(names = "--set", paramLabel = "a.b=v", description = "override a key for all of the runs; may be repeated")
    List<String> overrides = new ArrayList<>();

    @Option(names = "--run", paramLabel = "NAME", description = "prefix of the runs' names; default: the value of `name` in the run file")
    String run;

    @Option(names = "--html", paramLabel = "FILE", description = "the page that compares the runs; default: NAME-sweep.html")
    Path page;

    @Override
    public Integer call() {
        List<String> all = new ArrayList<>(overrides);
        if (run != null) {
            all.add("name=" + run);
        }
        List<RunConfig> configs = Sweep.of(config, all, over).runs();
        RunFolder folder = new RunFolder(CommandEnvironment.RUNS);
        // refuses a name that another run has already, before any run is trained
        List<SweepPlan> plans = configs.stream().map(c -> SweepPlan.of(c, folder)).toList();
        CommandEnvironment.tellMissingSettings();
        StopSignals signals = StopSignals.install();
        for (int i = 0; i < plans.size(); i++) {
            Console.err().println("%nrun %d of %d: %s, %s".formatted(i + 1, plans.size(), plans.get(i).config().name(),
                plans.get(i).todo()));
            if (signals.getAsBoolean() || !trained(plans.get(i), signals)) {
                Console.out().println("Stopped. The same command goes on from here.");
                return signals.exitCode().code();
            }
        }
        List<RunSummary> runs = configs.stream().map(c -> folder.run(CommandEnvironment.RUNS.resolve(c.name().text()).toString()))
            .sorted(Comparator.comparingDouble(r -> r.figures().bestValidation().map(Point::value).orElse(Double.POSITIVE_INFINITY)))
            .toList();
        RunOverlay.lines(runs).forEach(Console.out()::println);
        String name = ConfigFile.read(config, all).name().text();
        PageOption.write(page == null ? Path.of(name + "-sweep.html") : page, RunOverlay.html(name + ": a sweep", runs));
        return 0;
    }

    /** Trains one run of the sweep, unless it is done or diverged. Returns false if a signal stopped it. */
    private static boolean trained(SweepPlan plan, StopSignals signals) {
        TrainingDisplay display = new TrainingDisplay(MAX_FILES_LISTED, "");
        try {
            TrainOutcome outcome = switch (plan.todo()) {
                case SKIP, GIVE_UP -> null;
                case BEGIN -> TrainRun.begin(plan.config(), CommandEnvironment.RUNS, display, signals);
                case RESUME -> TrainRun.resume(CommandEnvironment.RUNS.resolve(plan.config().name().text()).toString(),
                    CommandEnvironment.RUNS,
                    plan.changes(), display, signals);
            };
            return outcome == null || outcome.ending() != Ending.STOPPED;
        } catch (DivergedException e) {
            display.remark(e.getMessage());   // the other runs may still go well
            return true;
        } finally {
            display.close();
        }
    }
}
