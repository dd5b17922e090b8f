package inkling.errors;

/**
 * A fault in a model, checkpoint or tokenizer, or in other data of a fixed form. E.g. a missing file, or a wrong shape, hash or version.
 * Exit code 4.
 */
public final class ModelFormatException extends InklingException {
    public ModelFormatException(String message) {
        this(message, null);
    }

    public ModelFormatException(String message, Throwable cause) {
        super(ExitCode.BAD_MODEL, message, cause);
    }
}
