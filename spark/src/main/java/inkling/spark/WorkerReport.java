package inkling.spark;

import inkling.errors.ConfigException;
import inkling.errors.ExitCode;
import inkling.errors.InklingException;
import inkling.errors.ModelFormatException;
import inkling.errors.StorageException;
import inkling.train.DivergedException;
import java.io.Serializable;

/** A worker's report on its part of a round. Beside a {@link Trained} report, the worker sends its weights, or their changes. */
sealed interface WorkerReport extends Serializable {
    int worker();

    /**
     * How long the parts of a worker's work took.
     *
     * @param open reading model and text; about 0 in a process that has them open
     * @param receive receiving the weights and writing them into the model
     * @param train making updates, with reading and writing the optimizer's state
     */
    record Seconds(double open, double receive, double train) implements Serializable {
        double all() {
            return open + receive + train;
        }
    }

    /**
     * The worker made its updates.
     *
     * @param attempt 0 for the first time; more if the updates were made again, e.g. because their result was lost with a process
     * @param process {@code host/4711}; a process may train several workers one after the other
     * @param cpu the processor's model and features
     * @param lastLoss the loss of the worker's last update; {@code lastGradNorm} and {@code lastRate} are of the same update
     * @param meanLoss the mean loss of the worker's updates in this round
     * @param tokens how many tokens the worker read in this round
     * @param stateSha256 the hash of the worker's state file, from which its optimizer continues in the next round
     */
    record Trained(int worker, int attempt, String process, String cpu, double lastLoss, double lastGradNorm, double lastRate,
                   double meanLoss, long tokens, Seconds seconds, String stateSha256, long stateBytes) implements WorkerReport {}

    /**
     * The worker ended with a fault, which ends the round. A storage fault is not reported: Spark gets it, and may try the worker again.
     */
    record Failed(int worker, String process, ExitCode code, String message) implements WorkerReport {
        /**
         * The fault as the exception that a training on one machine would throw.
         *
         * @param to the step at which the round would have ended
         */
        InklingException exception(long to) {
            String text = "the round to step %d, worker %d (%s): %s".formatted(to, worker, process, message);
            return switch (code) {
                case DIVERGED -> new DivergedException(text);
                case CANNOT_READ_OR_WRITE -> new StorageException(text);
                case BAD_MODEL -> new ModelFormatException(text);
                default -> new ConfigException(text);
            };
        }
    }
}
