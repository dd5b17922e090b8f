package inkling.spark;

import inkling.errors.ConfigException;
import inkling.errors.ExitCode;
import inkling.errors.InklingException;
import inkling.errors.ModelFormatException;
import inkling.errors.StorageException;
import inkling.train.DivergedException;
import java.io.Serializable;

/** What a worker reports of its part of a round; its weights are sent beside the report. */
sealed interface WorkerReport extends Serializable {
    int worker();

    /**
     * Where a worker's time went.
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
     * @param attempt 0 for the first time; more where the updates, or a result that was lost with its process, were made again
     * @param process {@code host/4711}; a process may train several workers one after the other
     * @param cpu the processor's model and features
     * @param lastLoss of its last update, as are {@code lastGradNorm} and {@code lastRate}
     * @param meanLoss over its updates of this round
     * @param tokens of this round
     * @param stateSha256 of the file from which its optimizer goes on
     */
    record Trained(int worker, int attempt, String process, String cpu, double lastLoss, double lastGradNorm, double lastRate,
                   double meanLoss, long tokens, Seconds seconds, String stateSha256, long stateBytes) implements WorkerReport {}

    /** The worker met a fault other than one of storage. The round ends with it; Spark tries only faults of storage again. */
    record Failed(int worker, String process, ExitCode code, String message) implements WorkerReport {
        /** The fault as it would be on one machine. */
        InklingException exception(long round) {
            String text = "round %d, worker %d (%s): %s".formatted(round, worker, process, message);
            return switch (code) {
                case DIVERGED -> new DivergedException(text);
                case CANNOT_READ_OR_WRITE -> new StorageException(text);
                case BAD_MODEL -> new ModelFormatException(text);
                default -> new ConfigException(text);
            };
        }
    }
}
