package inkling.train;

import inkling.checkpoint.Progress;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * The training loop. It makes updates. At certain steps it also evaluates the model, writes a row of metrics, lets the model write a
 * sample, or saves a checkpoint. All decisions depend on the number of the update and on what was measured, so that a resumed run makes the
 * same decisions. The only exceptions are a stop, {@code max_minutes}, and the time limit of the evaluation at the end ({@link #train}).
 */
public final class Trainer {
    /** How long {@link #evaluateAtEnd} may take. */
    private static final int END_EVALUATION_SECONDS = 10;
    private static final long END_EVALUATION_NANOS = Duration.ofSeconds(END_EVALUATION_SECONDS).toNanos();

    private final TrainConfig config;
    private final Updates updates;
    private final Milestones milestones;
    private final TrainingListener listener;
    private final MetricsCsv metrics;
    private Progress progress;
    private long savedStep;
    private long evaluatedStep = -1;

    /** Advances a training: by one update, or by a round in which workers make updates. */
    public interface Updates {
        /**
         * Makes the next update, or the next round, after {@code before}.
         *
         * @return what the update, or the round, measured; its step and tokens continue those of {@code before}
         * @throws DivergedException if the training diverged; the run's weights are unchanged then
         */
        StepMetrics next(Progress before);

        /** The step from which one {@link #next} leads to {@code step}. */
        default long previous(long step) {
            return step - 1;
        }

        /**
         * Whether {@link #next} makes a round. A round is so much work that the loop logs and saves each one, regardless of the intervals
         * in {@code train}.
         */
        default boolean inRounds() {
            return false;
        }
    }

    /** What the loop does at certain steps, besides the updates. */
    public interface Milestones {
        /** Measures the validation loss; empty if {@code stop} returned true before it was complete. */
        Optional<Evaluator.Result> evaluate(BooleanSupplier stop);

        /** The sample prompt, and the text with which the model continues it. */
        String sample();

        /** The step of the checkpoint that this run continues from; −1 for a new run. */
        long savedStep();

        /** Saves a checkpoint; if {@code best} is true, also moves the pointer {@code best} to it. */
        void save(Progress progress, boolean best);

        /** Moves the pointer {@code best} to the checkpoint of {@code step}, which is already on disk. */
        void markBest(long step);
    }

    /** Starts at {@code progress.step()}. The weights, optimizer and batches of {@code updates} must be at that step, too. */
    public Trainer(TrainConfig config, Updates updates, Milestones milestones, TrainingListener listener, MetricsCsv metrics,
                   Progress progress) {
        this.config = config;
        this.updates = updates;
        this.milestones = milestones;
        this.listener = listener;
        this.metrics = metrics;
        this.progress = progress;
        this.savedStep = milestones.savedStep();
    }

    /**
     * Trains until there is a reason to end ({@link Ending}). One reason is that {@code stop} returns true. The loop asks {@code stop}
     * before each update (or round) and before each batch of an evaluation. When this returns, a checkpoint of the last update is on disk,
     * unless the evaluation before the first update was interrupted.
     *
     * <p>A resumed run repeats an interrupted evaluation. If this call has not evaluated the model of the last update when the training
     * ends, it does so then, without asking {@code stop}. It gives up after {@value #END_EVALUATION_SECONDS} seconds.
     */
    public Ending train(BooleanSupplier stop) {
        long started = System.nanoTime();
        if (savedStep < 0) {
            if (!measure(Optional.empty(), stop)) {
                return Ending.STOPPED;
            }
            save(false);
            if (config.reachesMilestone(-1, 0)) {
                sample();
            }
        }
        if (progress.unevaluated().isPresent() && !passMilestones(unevaluated(progress.unevaluated().get()), stop)) {
            return end(Ending.STOPPED);
        }
        while (progress.step() < config.maxSteps()) {
            if (stop.getAsBoolean()) {
                return end(Ending.STOPPED);
            }
            if (outOfTime(started)) {
                return end(Ending.MAX_MINUTES);
            }
            if (config.earlyStoppingPatience().filter(patience -> progress.evaluationsWithoutBest() >= patience).isPresent()) {
                return end(Ending.EARLY_STOPPING);
            }
            if (!passMilestones(update(), stop)) {
                return end(Ending.STOPPED);
            }
        }
        return end(Ending.MAX_STEPS);
    }

    private boolean outOfTime(long started) {
        return config.maxMinutes().filter(minutes -> System.nanoTime() - started > minutes * 60e9).isPresent();
    }

    private StepMetrics update() {
        StepMetrics step = updates.next(progress);
        progress = progress.updated(step.step(), step.tokens());
        listener.stepped(step);
        return step;
    }

    /** Whether the last update has reached a multiple of {@code interval}, or the last round has reached or passed one. */
    private boolean due(long interval) {
        return progress.step() / interval > updates.previous(progress.step()) / interval;
    }

    private StepMetrics unevaluated(Progress.Unevaluated update) {
        return new StepMetrics(progress.step(), progress.tokens(), update.loss(), update.gradNorm(), update.learningRate(),
            update.tokensPerSecond(), update.stepMillis(), update.rewards());
    }

    /** Does what is due after an update. Returns false if {@code stop} interrupted the evaluation. */
    private boolean passMilestones(StepMetrics update, BooleanSupplier stop) {
        long step = progress.step();
        boolean last = step == config.maxSteps();
        boolean row = updates.inRounds() || due(config.logInterval());
        boolean milestone = config.reachesMilestone(updates.previous(step), step);
        if ((row || last) && progress.unevaluated().isEmpty()) {
            listener.logged(update);
        }
        if (due(config.evalInterval()) || milestone || last || progress.unevaluated().isPresent()) {
            if (!measure(Optional.of(update), stop)) {
                progress = progress.withoutEvaluation(new Progress.Unevaluated(update.loss(), update.gradNorm(), update.learningRate(),
                    update.tokensPerSecond(), update.stepMillis(), update.rewards()));
                return false;
            }
        } else if (row) {
            metrics.append(step, progress.tokens(), Optional.of(update), Optional.empty());
        }
        if (config.sample().filter(s -> due(s.interval()) || milestone).isPresent() && !last) {
            sample();
        }
        if (updates.inRounds() || due(config.checkpointInterval()) || milestone || last) {
            save(false);
        }
        return true;
    }

    private void sample() {
        if (config.sample().isPresent()) {
            listener.sampled(progress.step(), milestones.sample());
        }
    }

    /** Evaluates, writes the row, and saves if the loss is the lowest so far. Returns false if {@code stop} interrupted the evaluation. */
    private boolean measure(Optional<StepMetrics> update, BooleanSupplier stop) {
        Optional<Evaluator.Result> measured = milestones.evaluate(stop);
        if (measured.isEmpty()) {
            return false;
        }
        Evaluator.Result result = measured.get();
        boolean best = isBest(result);
        evaluatedStep = progress.step();
        progress = best ? progress.withBest(result.loss()) : progress.withNoBetter();
        metrics.append(progress.step(), progress.tokens(), update, Optional.of(result));
        listener.evaluated(progress.step(), result, best);
        if (best) {
            save(true);
        }
        return true;
    }

    private void save(boolean best) {
        if (savedStep != progress.step()) {
            metrics.force();
            milestones.save(progress, best);
            savedStep = progress.step();
            listener.saved(progress);
        } else if (best) {
            // a stop interrupted the evaluation of this step, which was saved then; the resumed run has evaluated it now
            milestones.markBest(savedStep);
        }
    }

    private Ending end(Ending ending) {
        save(false);
        if (progress.step() > 0 && evaluatedStep != progress.step()) {
            evaluateAtEnd();
        }
        return ending;
    }

    /**
     * Evaluates the model of the last update, which this trainer has not evaluated yet. Gives up after {@value #END_EVALUATION_SECONDS} s.
     * If the loss is the lowest so far, the pointer {@code best} moves to this step. No other file tells of this evaluation, so a resumed
     * run goes on as if it had never stopped.
     */
    private void evaluateAtEnd() {
        long began = System.nanoTime();
        Optional<Evaluator.Result> measured = milestones.evaluate(() -> System.nanoTime() - began > END_EVALUATION_NANOS);
        if (measured.isEmpty()) {
            listener.remark("no validation loss of the last update: it would take more than %d s".formatted(END_EVALUATION_SECONDS));
            return;
        }
        boolean best = isBest(measured.get());
        listener.evaluated(progress.step(), measured.get(), best);
        if (best) {
            milestones.markBest(progress.step());
            progress = progress.withBest(measured.get().loss());
        }
    }

    private boolean isBest(Evaluator.Result result) {
        return Double.isFinite(result.loss()) && (progress.bestLoss().isEmpty() || result.loss() < progress.bestLoss().getAsDouble());
    }

    public Progress progress() {
        return progress;
    }
}
