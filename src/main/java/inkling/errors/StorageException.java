package inkling.errors;

/**
 * A file cannot be read, written or downloaded: no permission, a full disk, a lock that is held, other bytes than expected … Or a server or
 * a training process cannot start. (A server's address that is taken or unknown is a {@link ConfigException}.) Exit code 3.
 */
public final class StorageException extends InklingException {
    public StorageException(String message) {
        this(message, null);
    }

    public StorageException(String message, Throwable cause) {
        super(ExitCode.CANNOT_READ_OR_WRITE, message, cause);
    }
}
