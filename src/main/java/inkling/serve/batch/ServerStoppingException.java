package inkling.serve.batch;

/** Work is refused or ends early, or a task does not run, because the server or the model is being closed. */
public final class ServerStoppingException extends RuntimeException {
    ServerStoppingException() {
        super("The server is stopping.", null, false, false);
    }
}
