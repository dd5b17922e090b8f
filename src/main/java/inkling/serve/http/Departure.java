package inkling.serve.http;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CancellationException;
import org.eclipse.jetty.io.AbstractEndPoint;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.Callback;

/**
 * Notices that a client leaves while its answer is being computed and nothing is written. Between a request and its answer nobody reads
 * from the connection, so this class does. The end of input means that the client is gone. A byte belongs to the client's next request,
 * which came early. It cannot be put back, so the connection is closed after this answer, and the client sends that request again, as
 * HTTP/1.1 provides.
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

    /** Watches the connection from now until {@link #end}. @param request read to its end */
    static Departure watch(Request request) {
        Departure departure = new Departure(request.getConnectionMetaData().getConnection().getEndPoint());
        departure.endPoint.tryFillInterested(departure);
        return departure;
    }

    /** Runs {@code what} as soon as the client leaves; now if it has left already. */
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

    /** Stops watching, before the last of the answer is sent. Returns whether the connection must be closed after the answer. */
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

    /** There is something to read. */
    @Override
    public synchronized void succeeded() {
        if (over) {
            return;
        }
        try {
            int read = endPoint.fill(ByteBuffer.allocate(1).limit(0)); // the form Jetty fills: from the limit to the capacity
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
