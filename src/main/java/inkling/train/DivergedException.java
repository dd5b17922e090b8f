package inkling.train;

import inkling.errors.ExitCode;
import inkling.errors.InklingException;

/**
 * A loss, a gradient norm, or a weight in a worker's model is not finite. The run's weights were not changed, so they are still good. Exit
 * code 5.
 */
public final class DivergedException extends InklingException {
    public DivergedException(String message) {
        super(ExitCode.DIVERGED, message, null);
    }
}
