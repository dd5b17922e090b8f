package inkling.serve.http;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CancellationException;
import org.eclipse.jetty.io.AbstractEndPoint;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.Callback;

/**
 * Notices that a client leaves while the server computes an answer and writes nothing. Jetty does not read from the connection between a
 * request and its answer, so this class does. If it finds the end of input, the client is gone. If it finds a byte, the client has sent its
 * next request early, and the watch ends. The byte cannot be put back, so the server closes the connection after this answer. The client
 * then sends that request again, as HTTP/1.1 provides.
 */
final class Departure implements Callback {
    private final EndPoint endPoint;
    private Runnable onLeft = () -> { };
    private boolean left;
    private boolean early;
    private boolean over;

    private Departure(EndPoint endPoint) {
        this.endPoint = endPoint;
    }

    /**
     * Begins to watch the connection; {@link #end} or the next request's first byte ends it.
     *
     * @param request its whole body has been read
     */
    static Departure watch(Request request) {
        Departure departure = new Departure(request.getConnectionMetaData().getConnection().getEndPoint());
        departure.endPoint.tryFillInterested(departure);
        return departure;
    }

    /** Runs {@code what} as soon as the client leaves; at once, if the client has left already. */
    synchronized void whenLeft(Runnable what) {
        onLeft = what;
        if (left) {
            what.run();
        }
    }

    private void leave() {
        left = true;
        onLeft.run();
    }

    synchronized boolean hasLeft() {
        return left || !endPoint.isOpen();
    }

    /**
     * Stops watching. To be called before the last part of the answer is sent.
     *
     * @return whether the server must close the connection after the answer
     */
    synchronized boolean end() {
        if (over) {
            return early;
        }
        over = true;
        if (endPoint instanceof AbstractEndPoint reading) {
            reading.getFillInterest().onFail(new CancellationException());
        }
        return early;
    }

    /** Called when the connection has a byte, or the end of input, to read. */
    @Override
    public synchronized void succeeded() {
        if (over) {
            return;
        }
        try {
            int read = endPoint.fill(ByteBuffer.allocate(1).limit(0)); // Jetty fills a buffer from its limit to its capacity
            early = read > 0;
            if (read < 0) {
                leave();
            } else if (read == 0) {
                endPoint.tryFillInterested(this);
            }
        } catch (IOException e) {
            leave();
        }
    }

    @Override
    public synchronized void failed(Throwable why) {
        if (!over) {
            leave();
        }
    }

    @Override
    public InvocationType getInvocationType() {
        return InvocationType.NON_BLOCKING;
    }
}
