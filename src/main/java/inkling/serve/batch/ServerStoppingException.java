package inkling.serve.batch;

/** Work that is ended, or not begun, because the server stops. */
public final class ServerStoppingException extends RuntimeException {
    ServerStoppingException() {
        super("The server is stopping.", null, false, false);
    }
}
