package inkling.train;

import inkling.errors.ExitCode;
import inkling.errors.InklingException;

/** The loss or a gradient is not finite. The update was not applied, so the weights are still good. Exit code 5. */
public final class DivergedException extends InklingException {
    public DivergedException(String message) {
        super(ExitCode.DIVERGED, message, null);
    }
}
