package inkling.spark;

import inkling.errors.ConfigException;
import inkling.errors.ExitCode;
import inkling.errors.InklingException;
import inkling.errors.ModelFormatException;
import inkling.errors.StorageException;
import inkling.train.DivergedException;
import java.io.Serializable;

/** What a worker tells of its part of a round, beside its weights. */
sealed interface WorkerReport extends Serializable {
    int worker();

    /**
     * Where a worker's time went.
     *
     * @param open until model and text were there: nothing in a process that has them open
     * @param receive until the weights were there
     * @param train of updates, with reading and writing the optimizer's state
     */
    record Seconds(double open, double receive, double train) implements Serializable {
        double all() {
            return open + receive + train;
        }
    }

    /**
     * It made its updates.
     *
     * @param attempt 0 where it was made at once; more where it, or a result of it that was lost with its process, was made again
     * @param process host and process, which may train several workers one after the other
     * @param cpu the processor's model and features
     * @param lastLoss of its last update; {@code lastGradNorm}, {@code lastRate} too
     * @param meanLoss over its updates of this round
     * @param tokens that it read
     * @param stateSha256 of the file from which its optimizer goes on
     */
    record Trained(int worker, int attempt, String process, String cpu, double lastLoss, double lastGradNorm, double lastRate, double meanLoss,
                   long tokens, Seconds seconds, String stateSha256, long stateBytes) implements WorkerReport {}

    /** It met a fault that would be the same on another machine. */
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
