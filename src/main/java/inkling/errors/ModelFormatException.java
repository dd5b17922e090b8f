package inkling.errors;

/** Something inside a checkpoint, model or tokenizer directory: missing file, shape, hash, version, option. Exit code 4. */
public final class ModelFormatException extends InklingException {
    public ModelFormatException(String message) {
        this(message, null);
    }

    public ModelFormatException(String message, Throwable cause) {
        super(ExitCode.BAD_MODEL, message, cause);
    }
}
