package inkling.serve.http;

import java.io.ByteArrayOutputStream;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;

/** Reads a request's body, at most {@code most} bytes. No thread waits while the body arrives. */
final class BodyReader implements Runnable {
    private final Request request;
    private final int most;
    private final Consumer<byte[]> whole;
    private final Consumer<ApiFault> fault;
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();

    /**
     * @param whole receives the body once all of it has arrived
     * @param fault receives the reason if the body cannot be read
     */
    BodyReader(Request request, int most, Consumer<byte[]> whole, Consumer<ApiFault> fault) {
        this.request = request;
        this.most = most;
        this.whole = whole;
        this.fault = fault;
    }

    void begin() {
        long declared = request.getHeaders().getLongField(HttpHeader.CONTENT_LENGTH);
        if (declared > most) {
            fault.accept(tooLarge());
            return;
        }
        run();
    }

    @Override
    public void run() {
        while (true) {
            Content.Chunk chunk = request.read();
            if (chunk == null) {
                request.demand(this);
                return;
            }
            if (Content.Chunk.isFailure(chunk)) {
                fault.accept(chunk.getFailure() instanceof TimeoutException ? tooSlow()
                    : ApiFault.request(400, "The request's body could not be read."));
                return;
            }
            byte[] bytes = new byte[chunk.remaining()];
            chunk.getByteBuffer().get(bytes);
            boolean last = chunk.isLast();
            chunk.release();
            if (body.size() + bytes.length > most) {
                fault.accept(tooLarge());
                return;
            }
            body.writeBytes(bytes);
            if (last) {
                whole.accept(body.toByteArray());
                return;
            }
        }
    }

    private ApiFault tooLarge() {
        return ApiFault.request(413, "The request's body has more than %,d bytes, which this server does not read.".formatted(most));
    }

    static ApiFault tooSlow() {
        return ApiFault.request(408, "The request's body did not arrive in time.");
    }
}
