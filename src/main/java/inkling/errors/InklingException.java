package inkling.errors;

/** A fault with a message for the user (what was found, what was expected, the way out) and an exit code. */
public abstract class InklingException extends RuntimeException {
    private final ExitCode exitCode;

    protected InklingException(ExitCode exitCode, String message, Throwable cause) {
        super(message, cause);
        this.exitCode = exitCode;
    }

    public final ExitCode exitCode() {
        return exitCode;
    }
}
