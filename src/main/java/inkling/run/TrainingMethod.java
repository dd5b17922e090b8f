package inkling.run;

import ai.djl.ndarray.NDManager;
import inkling.checkpoint.Progress;
import inkling.checkpoint.WorkerStates;
import inkling.data.TokenLocation;
import inkling.engine.ComputeContext;
import inkling.errors.ConfigException;
import inkling.io.Content;
import inkling.model.Gpt;
import inkling.optim.OptimizerState;
import inkling.runfile.RunConfig;
import inkling.train.Trainer;
import inkling.train.TrainingListener;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Makes a run's updates: on this machine, or by workers on others. All the rest of a run (its text, tokenizer, evaluations, samples,
 * metrics, checkpoints) is the same for both.
 */
public interface TrainingMethod {
    /** The updates of {@code train}. */
    TrainingMethod THIS_MACHINE = new TrainingMethod() {
        @Override
        public String command() {
            return "train";
        }

        @Override
        public void requireKnown(RunConfig config) {}

        @Override
        public void requireOwn(Path checkpoint, RunConfig config) {
            if (WorkerStates.isIn(checkpoint)) {
                throw new ConfigException(("%s was trained by several workers, whose optimizers only `cluster train --resume %s` goes on"
                    + " with. A run of its own may begin from its weights: model: {init_from: %s}.").formatted(checkpoint,
                    checkpoint.getParent(),
                    checkpoint.getParent()));
            }
        }

        @Override
        public Session open(Parts parts) {
            return new SingleMachine(parts);
        }
    };

    /** The command that trains by this method. */
    String command();

    /** Asked before anything is read or made. @throws ConfigException if this method does not train what {@code config} asks for */
    void requireKnown(RunConfig config);

    /** @throws ConfigException if another method, or this one with other settings, made {@code checkpoint} */
    void requireOwn(Path checkpoint, RunConfig config);

    /** Opens a session that begins where {@link Parts#progress} stands. */
    Session open(Parts parts);

    /** One process's training by this method. Who opens it closes it. */
    interface Session extends Trainer.Updates, AutoCloseable {
        /** What a checkpoint keeps of the optimizer. */
        OptimizerState optimizer();

        /** Files that this method adds to the checkpoint of this moment, by their names. */
        default Map<String, Content> files() {
            return Map.of();
        }

        /** A checkpoint was saved, and older ones were deleted: {@code steps} are those that are left. */
        default void saved(List<Long> steps) {}

        @Override
        void close();
    }

    /**
     * What a run has before its first update.
     *
     * @param run its directory
     * @param runs the folder of runs
     * @param checkpoint from which the run goes on; empty for a new one
     * @param gpt with the weights of that moment; updates change them in place
     * @param trainable the names of the weights that are trained
     * @param manager for arrays that live as long as the session
     * @param columns tokens of a window
     * @param data what is learned from
     */
    record Parts(RunConfig config, Path run, Path runs, Optional<Path> checkpoint, Progress progress, Gpt gpt, List<String> trainable,
                 NDManager manager, ComputeContext context, int columns, Data data, TrainingListener listener) {}

    /** The training examples, for methods that have them read elsewhere. */
    sealed interface Data permits RunData {
        /**
         * Where other processes find the training examples: the text's ids, or a file that this writes to {@code run}, of conversations.
         * Empty where they are only learned on one machine: pairs of answers.
         *
         * @throws ConfigException if there are too few of them for {@code workers}
         */
        Optional<TokenLocation> forWorkers(Path run, int workers, int columns);
    }
}
