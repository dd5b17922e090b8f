package inkling.serve.http;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Fields;

/**
 * One request with its whole body, and its answer: one document or a stream of events. Only the thread that answers the request uses the
 * exchange.
 */
public final class Exchange {
    private static final String JSON = "application/json";

    private final Request request;
    private final Response response;
    private final byte[] body;
    private final String segment;
    private final Departure departure;
    private final Duration ping;
    private boolean aborted;

    Exchange(Request request, Response response, byte[] body, String segment, Departure departure, Duration ping) {
        this.request = request;
        this.response = response;
        this.body = body;
        this.segment = segment;
        this.departure = departure;
        this.ping = ping;
    }

    /** The segment of the path that stands in the place of {@code {name}} ({@link Routes}). */
    public String segment() {
        return segment;
    }

    /** The fields of the body. @throws ApiFault 400 if the body is no JSON object */
    public RequestFields fields() {
        return RequestFields.parse(body);
    }

    /** Refuses a request from another server's page, even if its origin is allowed ({@link Guards}). @throws ApiFault 403 */
    public void requireNoOtherPage() {
        if (Guards.isOfAnotherPage(request)) {
            throw ApiFault.forbidden("Only this server's own pages, and programs that are not web pages, may do this.");
        }
    }

    /** A parameter of the query, i.e. after the path's question mark. */
    public Optional<String> query(String name) {
        Fields.Field field = Request.extractQueryParameters(request).get(name);
        return Optional.ofNullable(field).map(Fields.Field::getValue);
    }

    /** The id of this request; the answer's header {@code X-Request-Id} tells it to the client. */
    public String id() {
        return response.getHeaders().get(HttpServer.REQUEST_ID);
    }

    /** Whether the client has closed its connection. */
    public boolean isAbandoned() {
        return departure.hasLeft();
    }

    /** Runs {@code what} as soon as the client closes its connection. @param what may run on any thread, and must not wait */
    public void whenAbandoned(Runnable what) {
        departure.whenLeft(what);
    }

    /** How long a stream may be silent before it needs a keep-alive. */
    public Duration ping() {
        return ping;
    }

    /** Sets a header of the answer; to be called before any part of the answer is written. */
    public void header(String name, String value) {
        response.getHeaders().put(name, value);
    }

    public void json(Object document) throws IOException {
        json(200, document);
    }

    public void json(int status, Object document) throws IOException {
        bytes(status, JSON, JsonText.bytes(document));
    }

    /** @param type e.g. {@code text/html; charset=utf-8} */
    public void bytes(int status, String type, byte[] content) throws IOException {
        if (departure.end()) { // now, since a client that has its answer may send the next request
            response.getHeaders().put(HttpHeader.CONNECTION, "close");
        }
        response.setStatus(status);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, type);
        response.getHeaders().put(HttpHeader.CONTENT_LENGTH, content.length);
        Content.Sink.write(response, true, ByteBuffer.wrap(content));
    }

    /** Begins a stream of events, with status 200. No document can be sent after that. */
    public EventStream events() throws IOException {
        response.setStatus(200);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/event-stream; charset=utf-8");
        response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-cache");
        response.getHeaders().put("X-Accel-Buffering", "no");
        return new EventStream(this);
    }

    void write(boolean last, byte[] bytes) throws IOException {
        if (last && departure.end()) {
            abort(); // the answer's head, already sent, could not announce that the connection closes
        }
        Content.Sink.write(response, last, ByteBuffer.wrap(bytes));
    }

    boolean hasBegun() {
        return response.isCommitted();
    }

    /** Makes the server close the connection when the endpoint has returned. */
    void abort() {
        aborted = true;
    }

    boolean isAborted() {
        return aborted;
    }
}
