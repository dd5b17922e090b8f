package inkling.serve.batch;

/** Work ends early, or does not begin, because the server or the model is being closed. */
public final class ServerStoppingException extends RuntimeException {
    ServerStoppingException() {
        super("The server is stopping.", null, false, false);
    }
}
