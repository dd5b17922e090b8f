package inkling.train;

import inkling.errors.ExitCode;
import inkling.errors.InklingException;

/**
 * A loss, a gradient norm, or a weight in a worker's model is not finite. Or a weight in a worker's model changed by more than float16 can
 * hold, in a run that sends changes as float16. The run's weights were not changed, so they are still good. Exit code 5.
 */
public final class DivergedException extends InklingException {
    public DivergedException(String message) {
        super(ExitCode.DIVERGED, message, null);
    }
}
