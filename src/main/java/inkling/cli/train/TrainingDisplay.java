package inkling.cli.train;

import inkling.checkpoint.CheckpointStore;
import inkling.checkpoint.Progress;
import inkling.cli.terminal.Console;
import inkling.errors.FileFaults;
import inkling.data.source.DataConfig;
import inkling.errors.Printable;
import inkling.model.grad.Rewards;
import inkling.run.SampleLog;
import inkling.run.TrainOutcome;
import inkling.train.Evaluator;
import inkling.train.StepMetrics;
import inkling.train.TrainingListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;

/**
 * Shows a training's progress: a line every {@code train.log_interval} updates ({@code cluster train}: after each round), and on a terminal
 * a bar below the lines.
 */
public final class TrainingDisplay implements TrainingListener {
    private static final String CLEAR_REST = "\u001b[K";
    private static final int FIRST_CHARACTERS = 70;   // the sample at step 0 is cut to one line of this length

    private final int filesNamed;
    private final String othersHint;
    private ProgressBar bar;
    private volatile ProgressLine now;   // drawn by the bar's own thread
    private TimeLeft timeLeft;

    /**
     * @param filesNamed how many of the text's files are named at most; the others are only counted
     * @param othersHint words after the number of the others, which tell the user how to see their names; "" if there is no way
     */
    public TrainingDisplay(int filesNamed, String othersHint) {
        this.filesNamed = filesNamed;
        this.othersHint = othersHint;
    }

    @Override
    public void read(List<Path> files, Supplier<Map<Path, Long>> tokens) {
        Map<Path, Long> counted = filesNamed == Integer.MAX_VALUE ? tokens.get() : Map.of();
        String names = files.stream().limit(filesNamed).map(file -> text("  %s, %,d bytes", file, size(file))
            + (counted.containsKey(file) ? text(", %,d tokens", counted.get(file)) : ""))
            .collect(Collectors.joining(System.lineSeparator()));
        long bytes = files.stream().mapToLong(TrainingDisplay::size).sum();
        int more = files.size() - filesNamed;
        line(text("read %s, %,d bytes:%n%s%s", Printable.counted(files.size(), "file"), bytes, names,
            more > 0 ? text("%n  and %,d more%s", more, othersHint) : ""));
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw FileFaults.cannot("read", file, e);
        }
    }

    @Override
    public void starting(long step, long ofSteps, String what) {
        now = new ProgressLine(step, ofSteps, Double.NaN, Double.NaN, 0, Double.NaN, Double.NaN);
        Console.err().println(what);
        if (Console.isTerminal()) {
            bar = new ProgressBarBuilder().setInitialMax(ofSteps).startsFrom(step, Duration.ZERO).setUpdateIntervalMillis(250)
                .setRenderer((state, width) -> now.render(width)).setConsumer(new DelegatingProgressBarConsumer(this::draw)).build();
        }
    }

    @Override
    public void stepped(StepMetrics m) {
        long nanos = System.nanoTime();
        timeLeft = timeLeft == null ? new TimeLeft(m.step(), nanos) : timeLeft;
        now = new ProgressLine(m.step(), now.ofSteps(), m.loss(), now.valLoss(), now.valStep(), m.tokensPerSecond(),
            timeLeft.seconds(m.step(), now.ofSteps(), nanos));
        if (bar != null) {
            bar.stepTo(m.step());
        }
    }

    @Override
    public void logged(StepMetrics m) {
        line(text("step %,d/%,d  %s  lr %.2e", m.step(), now.ofSteps(), now.numbers(), m.learningRate()));
    }

    @Override
    public void evaluated(long step, Evaluator.Result result, boolean best) {
        now = new ProgressLine(now.step(), now.ofSteps(), now.loss(), result.loss(), step, now.tokensPerSecond(), now.secondsLeft());
        String lowest = best && step > 0 ? "  lowest so far" : "";
        Rewards rewards = result.rewards();
        line(rewards.pairs() == 0
            ? text("step %,d  validation loss %.4f (perplexity %s)%s", step, result.loss(), result.perplexityText(1), lowest)
            : text("step %,d  validation loss %.4f, %.1f %% of %,d pairs ranked correctly, reward margin %.3f,"
                + " log-probability of the chosen answers %+.3f nats/token from the reference%s",
                step, result.loss(), 100 * rewards.accuracy(), rewards.pairs(), rewards.meanMargin(),
                rewards.chosenGainPerToken(), lowest));
    }

    @Override
    public void saved(Progress progress) {
        if (bar == null) {
            line("saved " + CheckpointStore.nameOf(progress.step()));
        }
    }

    @Override
    public void sampled(long step, String text) {
        line(step == 0 ? beforeTheFirstUpdate(text)
            : text("step %,d  a sample:%n%s%n", step, Printable.text(text).indent(4).stripTrailing()));
    }

    /** The sample at step 0, shortened to one line. A new model writes noise; a model to fine-tune writes as its original does. */
    private static String beforeTheFirstUpdate(String text) {
        String words = Printable.text(text.strip().replaceAll("\\s+", " "));
        String first = words.codePointCount(0, words.length()) <= FIRST_CHARACTERS ? words
            : words.substring(0, words.offsetByCodePoints(0, FIRST_CHARACTERS)) + "…";
        return text("step 0  before it has learned anything of this text, the model writes (in full: %s):%n    %s%n",
            SampleLog.FILE_NAME, first);
    }

    @Override
    public void remark(String line) {
        line(line);
    }

    /** Draws the line of the bar over the previous one. The bar's own thread calls this. */
    private synchronized void draw(String rendered) {
        Console.err().print("\r" + rendered + CLEAR_REST);
        Console.err().flush();
    }

    /** Prints a line, above the bar if there is one. */
    private synchronized void line(String line) {
        Console.err().println(bar == null ? line : "\r" + CLEAR_REST + line);
    }

    /** Ends the bar; its last state stays on the screen. */
    public void close() {
        if (bar != null) {
            bar.close();
            bar = null;
            Console.err().println();
        }
    }

    /** The summary: the result, a sample, and what to do next. */
    public void summary(TrainOutcome outcome) {
        Progress progress = outcome.progress();
        Console.out().println(text("%s after %s (%,d tokens): %s", switch (outcome.ending()) {
            case MAX_STEPS -> "Done";
            case MAX_MINUTES -> "Time is up";
            case EARLY_STOPPING -> "Stopped early, no longer improving,";
            case STOPPED -> "Stopped";
        }, Printable.counted(progress.step(), "update"), progress.tokens(), outcome.run()));
        progress.bestLoss().ifPresent(loss -> Console.out().println(lowest(outcome, loss)));
        if (!Double.isNaN(outcome.tokensPerSecond())) {
            Console.out().println(text("%,.0f tokens/s%s", outcome.tokensPerSecond(), outcome.mfu().isPresent()
                ? text(", %.0f %% of this machine's %s matmul peak (MFU)", 100 * outcome.mfu().getAsDouble(), outcome.precision()) : ""));
        }
        if (!outcome.sample().isBlank()) {
            Console.out().println("\nIt writes:\n\n" + Printable.text(outcome.sample()).indent(4));
        }
        Console.out().println("Next:");
        NextCommands.after(outcome).forEach(line -> Console.out().println("  " + line));
        NextCommands.server(outcome).ifPresent(line -> Console.out().println("\nLook at it in the browser: " + line));
    }

    private static String lowest(TrainOutcome outcome, double loss) {
        Progress progress = outcome.progress();
        String value = text("%.4f %s", loss, outcome.format() == DataConfig.Format.PREFERENCES ? "nats/pair" : "nats/token");
        if (progress.bestStep() == 0) {
            return "validation loss " + value + " before the first update" + (progress.step() == 0 ? "" : "; none after it is lower");
        }
        return text("best validation loss %s at step %,d%s", value, progress.bestStep(),
            outcome.bestBitsPerByte().isPresent() ? text(", %.4f bits/byte", outcome.bestBitsPerByte().getAsDouble()) : "");
    }

    private static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
