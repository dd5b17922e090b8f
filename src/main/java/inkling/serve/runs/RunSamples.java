package inkling.serve.runs;

import inkling.errors.Printable;
import inkling.inspect.page.ReportPage.Sample;
import inkling.run.RunState;
import inkling.run.SampleLog;
import inkling.run.TrainRun;
import inkling.run.folder.RunStanding;
import inkling.train.SampleConfig;
import inkling.train.TrainConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.LongStream;

/** The samples that a run's model wrote during its training. Any number of threads may use this object at once. */
final class RunSamples {
    /** With fewer samples, nobody sees the model learn. */
    private static final int FEW = 8;
    /**
     * {@link #more} proposes an interval that gives at least this many samples. A run of fewer steps, or of fewer rounds of workers, gets
     * one sample at each step or round.
     */
    private static final int ENOUGH = 20;

    private final FileContent<List<Sample>> file;

    RunSamples(Path run) {
        file = new FileContent<>(run.resolve(SampleLog.FILE_NAME), () -> SampleLog.read(run));
    }

    /**
     * How a run would write more samples.
     *
     * @param interval updates between two samples
     * @param command continues the run with this interval; for a finished run, begins another run with it
     */
    record More(long interval, String command) {}

    private List<Sample> read() {
        return file.read().orElse(List.of());
    }

    /** The steps at which a sample was written, rising. */
    List<Long> steps() {
        return read().stream().map(Sample::step).toList();
    }

    Optional<Sample> at(long step) {
        return read().stream().filter(sample -> sample.step() == step).findFirst();
    }

    /** The step of the next sample, by the run's settings and the samples written so far; empty if no more will come. */
    OptionalLong next(RunStanding run) {
        TrainConfig config = run.config().train();
        long written = steps().stream().mapToLong(step -> step).max().orElse(-1);
        if (config.sample().isEmpty() || written >= config.maxSteps()) {
            return OptionalLong.empty();
        }
        long interval = config.sample().get().interval();
        long regular = run.stepThatDoes(Math.min(config.maxSteps(), (Math.max(0, written) / interval + 1) * interval));
        return LongStream.concat(milestones(run).stream().mapToLong(step -> step), LongStream.of(regular))
            .filter(step -> step > written).min();
    }

    /** Updates between two samples; empty if the run writes none. Workers write at most one sample in a round. */
    static Optional<Long> interval(RunStanding run) {
        return run.config().train().sample().map(sample -> Math.max(sample.interval(), run.round()));
    }

    /** The steps at which the run writes a sample for a milestone, and would write none without it; none if it writes no samples. */
    static List<Long> milestones(RunStanding run) {
        TrainConfig config = run.config().train();
        return config.sample().map(SampleConfig::interval).map(interval -> config.milestones().stream()
            .filter(step -> step <= config.maxSteps()).map(run::stepThatDoes).distinct()
            .filter(step -> !isRegular(run, interval, step)).toList()).orElse(List.of());
    }

    private static boolean isRegular(RunStanding run, long interval, long step) {
        long multiple = step - step % interval;
        return multiple > 0 && run.stepThatDoes(multiple) == step;
    }

    /**
     * How the run would write more samples; empty if it will have written {@link #FEW} by its end, or one at each of fewer steps or rounds.
     */
    static Optional<More> more(RunStanding run) {
        long steps = run.config().train().maxSteps();
        long samples = interval(run).map(interval -> regular(run, interval)
            + milestones(run).stream().filter(step -> step < steps).count()).orElse(0L);
        return samples >= Math.min(FEW, regular(run, run.round())) ? Optional.empty()
            : Optional.of(Math.max(run.round(), round(Math.max(1, steps / ENOUGH)))).map(interval -> new More(interval,
                command(run, interval)));
    }

    /**
     * How many samples a run writes for its interval alone: one at the end of each round in which a multiple of the interval lies, and one
     * at the run's end. A multiple in the last round adds none.
     *
     * @param interval at least a round, so that no round has two multiples
     */
    private static long regular(RunStanding run, long interval) {
        long lastRound = (run.config().train().maxSteps() - 1) / run.round() * run.round(); // the step at which the last round begins
        return lastRound / interval + 1;
    }

    /** The largest of the numbers 1, 2, 5, 10, 20, 50 … that is at most {@code n}. @param n positive */
    private static long round(long n) {
        long power = 1;
        while (n / power >= 10) {
            power *= 10;
        }
        long digit = n / power;
        return power * (digit >= 5 ? 5 : digit >= 2 ? 2 : 1);
    }

    private static String command(RunStanding run, long interval) {
        String setting = "train.sample.interval=" + interval;
        if (run.state() == RunState.FINISHED) {
            return "./inkling %s %s --run %s --set %s".formatted(run.command(),
                Printable.shellWord(run.directory().resolve(TrainRun.CONFIG_FILE).toString()),
                Printable.shellWord(run.name() + "-samples"), setting);
        }
        List<String> settings = new ArrayList<>(RunControl.settings(run, OptionalLong.empty()));
        settings.add(setting);
        return RunControl.resumeCommand(run, settings);
    }
}
