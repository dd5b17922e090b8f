package inkling.errors;

/** A fault inside a checkpoint, model or tokenizer directory: a missing file, wrong shape, hash, version or option. Exit code 4. */
public final class ModelFormatException extends InklingException {
    public ModelFormatException(String message) {
        this(message, null);
    }

    public ModelFormatException(String message, Throwable cause) {
        super(ExitCode.BAD_MODEL, message, cause);
    }
}
