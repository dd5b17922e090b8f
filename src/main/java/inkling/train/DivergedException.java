package inkling.train;

import inkling.errors.ExitCode;
import inkling.errors.InklingException;

/** Loss or gradient is no longer finite; the update that would have spread it was not applied. Exit code 5. */
public final class DivergedException extends InklingException {
    public DivergedException(String message) {
        super(ExitCode.DIVERGED, message, null);
    }
}
