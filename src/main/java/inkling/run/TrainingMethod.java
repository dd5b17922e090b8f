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
 * How a run's updates are made: by this process alone, or by the workers of {@code cluster train}. The rest of a run is the same for both:
 * its text, tokenizer, evaluations, samples, metrics and checkpoints. But a method may add files to a checkpoint.
 */
public interface TrainingMethod {
    /** The method of {@code train}: this machine makes all updates. */
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
                throw new ConfigException(("%s was trained by several workers: only `%s --resume %s` continues it, with their"
                    + " optimizers. A new run may begin from its weights: model: {init_from: %s}.").formatted(checkpoint,
                    WorkerStates.COMMAND, checkpoint.getParent(), checkpoint.getParent()));
            }
        }

        @Override
        public Session open(Parts parts) {
            return new SingleMachine(parts);
        }
    };

    /** The command that trains by this method. */
    String command();

    /**
     * Called before the text is read and before anything is made.
     *
     * @throws ConfigException if this method does not train what {@code config} asks for
     */
    void requireKnown(RunConfig config);

    /** Checks the checkpoint of a resume. @throws ConfigException if another method, or this one with other settings, made it */
    void requireOwn(Path checkpoint, RunConfig config);

    /** Opens a session whose first update follows the step of {@link Parts#progress}. */
    Session open(Parts parts);

    /** The updates of one training process, made by this method. The caller of {@link #open} closes the session. */
    interface Session extends Trainer.Updates, AutoCloseable {
        /** What a checkpoint keeps of the optimizer. */
        OptimizerState optimizer();

        /** Files that this method adds to a checkpoint of the present state, by their names. */
        default Map<String, Content> files() {
            return Map.of();
        }

        /** Called after a checkpoint was saved. @param steps the steps of all checkpoints that are there now */
        default void saved(List<Long> steps) {}

        @Override
        void close();
    }

    /**
     * What a session begins with.
     *
     * @param run the directory of the run
     * @param runs the folder of runs
     * @param checkpoint the one from which the run continues; empty if the run has none
     * @param gpt the model, with the weights from which the training goes on; updates change these weights in place
     * @param trainable the names of the weights that are trained
     * @param manager for arrays that live as long as the session
     * @param columns tokens of a window
     * @param data the training and validation examples
     */
    record Parts(RunConfig config, Path run, Path runs, Optional<Path> checkpoint, Progress progress, Gpt gpt, List<String> trainable,
                 NDManager manager, ComputeContext context, int columns, Data data, TrainingListener listener) {}

    /** The examples of a run. A method whose workers read them in other processes calls {@link #forWorkers}. */
    sealed interface Data permits RunData {
        /**
         * Where other processes find the training examples. The ids of a text are in files already; conversations are written by this
         * call, to a file in the directory {@code run}. Empty for pairs of answers, which are learned on one machine only.
         *
         * @param columns tokens of a window
         * @throws ConfigException if there are too few examples for {@code workers}
         */
        Optional<TokenLocation> forWorkers(Path run, int workers, int columns);
    }
}
