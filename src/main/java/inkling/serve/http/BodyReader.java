package inkling.serve.http;

import java.io.ByteArrayOutputStream;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;

/**
 * Reads a request's body, at most {@code most} bytes. No thread waits while the body arrives.
 *
 * <p>A refused request's body is read, too, and thrown away, because most clients read no answer before they have sent their whole body.
 * If the server closed the connection meanwhile, they would see a lost connection instead of the reason. Of a body of more than
 * {@value #DISCARDED} times {@code most} bytes, the rest stays unread.
 */
final class BodyReader implements Runnable {
    static final int DISCARDED = 8;

    /** Sends the answer to a request that is refused. */
    interface Refusal {
        /** @param isRead whether all of the body was read; if not, the connection must end with this answer */
        void answer(ApiFault reason, boolean isRead);
    }

    private final Request request;
    private final int most;
    private final Consumer<byte[]> whole;
    private final Refusal refusal;
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private Optional<ApiFault> refused = Optional.empty();
    private long bytesRead;

    /**
     * @param whole receives the body once all of it has arrived
     * @param refusal receives the reason if the body cannot be read, or if the request is {@linkplain #refuse refused} for another reason
     */
    BodyReader(Request request, int most, Consumer<byte[]> whole, Refusal refusal) {
        this.request = request;
        this.most = most;
        this.whole = whole;
        this.refusal = refusal;
    }

    /** Reads the body and hands it over, or refuses the request. */
    void begin() {
        if (declared() > most) {
            refuse(tooLarge());
        } else {
            run();
        }
    }

    /** Throws the body away, then refuses the request. */
    void refuse(ApiFault reason) {
        boolean waits = request.getHeaders().contains(HttpHeader.EXPECT); // the client sends its body only if we ask for it
        if (waits || declared() > mostDiscarded()) {
            refusal.answer(reason, false);
        } else {
            refused = Optional.of(reason);
            run();
        }
    }

    private long declared() {
        return request.getHeaders().getLongField(HttpHeader.CONTENT_LENGTH);
    }

    private long mostDiscarded() {
        return (long) DISCARDED * most;
    }

    /** Reads what has arrived. Jetty calls this again when more has arrived. */
    @Override
    public void run() {
        while (true) {
            Content.Chunk chunk = request.read();
            if (chunk == null) {
                request.demand(this);
                return;
            }
            if (Content.Chunk.isFailure(chunk)) {
                refusal.answer(refused.orElseGet(() -> chunk.getFailure() instanceof TimeoutException ? tooSlow()
                    : ApiFault.request(400, "The request's body could not be read.")), false);
                return;
            }
            boolean last = chunk.isLast();
            take(chunk);
            if (last && refused.isEmpty()) {
                whole.accept(body.toByteArray());
                return;
            }
            if (last || bytesRead > mostDiscarded()) {
                refusal.answer(refused.get(), last);
                return;
            }
        }
    }

    private void take(Content.Chunk chunk) {
        bytesRead += chunk.remaining();
        if (refused.isEmpty() && bytesRead > most) {
            refused = Optional.of(tooLarge());
        }
        if (refused.isEmpty()) {
            byte[] bytes = new byte[chunk.remaining()];
            chunk.getByteBuffer().get(bytes);
            body.writeBytes(bytes);
        }
        chunk.release();
    }

    private ApiFault tooLarge() {
        return ApiFault.request(413, "The request's body has more than %,d bytes, which this server does not read.".formatted(most));
    }

    static ApiFault tooSlow() {
        return ApiFault.request(408, "The request's body did not arrive in time.");
    }
}
