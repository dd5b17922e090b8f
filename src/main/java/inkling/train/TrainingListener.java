package inkling.train;

import inkling.checkpoint.Progress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Is told what happens in a run. All methods but {@link #remark} are called on the training thread, never during an update. */
public interface TrainingListener {
    /** Called when the run's examples have been read from {@code files}. */
    default void read(List<Path> files) {}

    /**
     * As {@link #read(List)}. {@code tokens} counts the tokens of each file; its map lacks the files that are not counted. Counting takes
     * as long as encoding all files, so call {@code tokens.get()} only if the counts are shown.
     */
    default void read(List<Path> files, Supplier<Map<Path, Long>> tokens) {
        read(files);
    }

    /**
     * Called before the training loop begins; {@code step} of {@code ofSteps} updates are completed. {@code what} is one line about the
     * model, its text and the machine.
     */
    default void starting(long step, long ofSteps, String what) {}

    /** Called after every update, or after every round if workers train in rounds. */
    default void stepped(StepMetrics metrics) {}

    /** Called after every {@code log_interval}-th update and after {@code max_steps} updates. In rounds, called after every round. */
    default void logged(StepMetrics metrics) {}

    /** Called after an evaluation; {@code best} is true if its loss is the lowest so far. */
    default void evaluated(long step, Evaluator.Result result, boolean best) {}

    /** Called when a checkpoint is complete on disk. */
    default void saved(Progress progress) {}

    /**
     * Called after a sample, but not after the one at the end ({@code TrainOutcome} has it); {@code text} is the run file's sample prompt,
     * and after it the model's continuation.
     */
    default void sampled(long step, String text) {}

    /** Called with one line for the user. In a training in rounds, this also happens during a round, on another thread. */
    default void remark(String line) {}

    /** Passes on to another listener everything that a run reports. */
    class Forwarding implements TrainingListener {
        private final TrainingListener next;

        public Forwarding(TrainingListener next) {
            this.next = next;
        }

        @Override
        public void read(List<Path> files, Supplier<Map<Path, Long>> tokens) {
            next.read(files, tokens);
        }

        @Override
        public void starting(long step, long ofSteps, String what) {
            next.starting(step, ofSteps, what);
        }

        @Override
        public void stepped(StepMetrics metrics) {
            next.stepped(metrics);
        }

        @Override
        public void logged(StepMetrics metrics) {
            next.logged(metrics);
        }

        @Override
        public void evaluated(long step, Evaluator.Result result, boolean best) {
            next.evaluated(step, result, best);
        }

        @Override
        public void saved(Progress progress) {
            next.saved(progress);
        }

        @Override
        public void sampled(long step, String text) {
            next.sampled(step, text);
        }

        @Override
        public void remark(String line) {
            next.remark(line);
        }
    }
}
