package inkling.cli.train;

import inkling.checkpoint.CheckpointStore;
import inkling.checkpoint.Progress;
import inkling.cli.terminal.Console;
import inkling.errors.Printable;
import inkling.run.TrainOutcome;
import inkling.train.Ending;
import inkling.train.Evaluator;
import inkling.train.StepMetrics;
import inkling.train.TrainingListener;
import java.time.Duration;
import java.util.Locale;
import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Shows a training's progress: on a terminal a bar with loss and remaining time, elsewhere plain lines. */
final class TrainingDisplay implements TrainingListener {
    private static final String CLEAR_REST = "\u001b[K";
    private static final long PLAIN_EVERY_NANOS = Duration.ofSeconds(5).toNanos();

    private ProgressBar bar;
    private long maxSteps;
    private double valLoss = Double.NaN;
    private long printedAt;

    @Override
    public void starting(long step, long ofSteps, String what) {
        maxSteps = ofSteps;
        Console.err().println(what);
        printedAt = System.nanoTime();
        if (Console.isTerminal()) {
            bar = new ProgressBarBuilder().setInitialMax(ofSteps).startsFrom(step, Duration.ZERO).setTaskName("train")
                .setStyle(ProgressBarStyle.UNICODE_BLOCK).setUpdateIntervalMillis(250)
                .setConsumer(new DelegatingProgressBarConsumer(this::draw)).build();
        }
    }

    @Override
    public void stepped(StepMetrics m) {
        String numbers = text("loss %.3f  val %s  %,.0f tokens/s", m.loss(), Double.isNaN(valLoss) ? "-" : text("%.3f", valLoss),
            m.tokensPerSecond());
        if (bar != null) {
            bar.stepTo(m.step());
            bar.setExtraMessage(" " + numbers);
        } else if (m.step() == maxSteps || System.nanoTime() - printedAt > PLAIN_EVERY_NANOS) {
            printedAt = System.nanoTime();
            Console.err().println(text("step %,d/%,d  %s  lr %.2e  about %s left", m.step(), maxSteps, numbers, m.learningRate(),
                left((maxSteps - m.step()) * m.stepMillis())));
        }
    }

    private static String left(double millis) {
        long seconds = Math.round(millis / 1000);
        return seconds >= 3600 ? text("%d h %02d min", seconds / 3600, seconds % 3600 / 60)
            : seconds >= 60 ? text("%d min %02d s", seconds / 60, seconds % 60) : seconds + " s";
    }

    @Override
    public void evaluated(long step, Evaluator.Result result, boolean best) {
        valLoss = result.loss();
        line(text("step %,d  validation loss %.4f (perplexity %.1f)%s", step, result.loss(), result.perplexity(),
            best && step > 0 ? "  lowest so far" : ""));
    }

    @Override
    public void saved(Progress progress) {
        if (bar == null) {
            line("saved " + CheckpointStore.nameOf(progress.step()));
        }
    }

    @Override
    public void sampled(long step, String text) {
        line(text("step %,d  a sample:%n%s%n", step, Printable.text(text).indent(4).stripTrailing()));
    }

    @Override
    public void remark(String line) {
        line(line);
    }

    /** The bar's own thread redraws its line in place. */
    private synchronized void draw(String rendered) {
        Console.err().print("\r" + rendered + CLEAR_REST);
        Console.err().flush();
    }

    /** A line of its own, above the bar if there is one. */
    private synchronized void line(String line) {
        Console.err().println(bar == null ? line : "\r" + CLEAR_REST + line);
    }

    /** Takes the bar away; its last state stays on the screen. */
    void close() {
        if (bar != null) {
            bar.close();
            bar = null;
            Console.err().println();
        }
    }

    /** The summary: the result, a sample, and what to do next. */
    void summary(TrainOutcome outcome) {
        Progress progress = outcome.progress();
        String run = outcome.run().toString();
        Console.out().println(text("%s after %,d updates (%,d tokens): %s", switch (outcome.ending()) {
            case MAX_STEPS -> "Done";
            case MAX_MINUTES -> "Time is up";
            case EARLY_STOPPING -> "Stopped early, no longer improving,";
            case STOPPED -> "Stopped";
        }, progress.step(), progress.tokens(), run));
        progress.bestLoss().ifPresent(loss -> Console.out().println(text("best validation loss %.4f nats/token at step %,d%s", loss,
            progress.bestStep(), outcome.bestBitsPerByte().isPresent() ? text(", %.4f bits/byte", outcome.bestBitsPerByte().getAsDouble()) : "")));
        if (!Double.isNaN(outcome.tokensPerSecond())) {
            Console.out().println(text("%,.0f tokens/s%s", outcome.tokensPerSecond(), outcome.mfu().isPresent()
                ? text(", %.0f %% of this machine's matmul peak (MFU)", 100 * outcome.mfu().getAsDouble()) : ""));
        }
        if (!outcome.sample().isBlank()) {
            Console.out().println("\nIt writes:\n\n" + Printable.text(outcome.sample()).indent(4));
        }
        Console.out().println("Next:");
        if (progress.step() > 0) {
            Console.out().println("  ./inkling sample " + run + " --prompt \"It was\"          # its own words");
            Console.out().println("  ./inkling sample " + run + " --show-distribution 5    # the choice behind each word");
        }
        Console.out().println("  ./inkling train --resume " + run + (outcome.ending() == Ending.STOPPED ? ""
            : " --set train.max_steps=" + 2 * Math.max(progress.step(), 1)));
    }

    private static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
