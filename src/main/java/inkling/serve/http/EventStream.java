package inkling.serve.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * Server-sent events, as clients of OpenAI's API read them. Each event is {@code data: JSON} and an empty line; {@code data: [DONE]} ends a
 * whole answer. A keep-alive is a comment line. It cannot be an event with empty data: clients would read "" as JSON, and fail.
 */
public final class EventStream {
    private static final byte[] DATA = "data: ".getBytes(StandardCharsets.UTF_8);
    private static final byte[] END = "\n\n".getBytes(StandardCharsets.UTF_8);
    private static final byte[] PING = ": ping\n\n".getBytes(StandardCharsets.UTF_8);
    private static final byte[] DONE = "data: [DONE]\n\n".getBytes(StandardCharsets.UTF_8);

    private final Exchange exchange;

    EventStream(Exchange exchange) throws IOException {
        this.exchange = exchange;
        exchange.write(false, new byte[0]);
    }

    public void send(Object document) throws IOException {
        exchange.write(false, event(document));
    }

    /** Sends a keep-alive. */
    public void ping() throws IOException {
        exchange.write(false, PING);
    }

    /** Ends the stream with {@code [DONE]}, which tells the client that the answer is whole. */
    public void done() throws IOException {
        exchange.write(true, DONE);
    }

    /** Sends an error and cuts the connection. After a regular end, some clients would take the text so far for the whole answer. */
    public void fail(ApiFault fault) throws IOException {
        exchange.write(false, event(fault.json()));
        exchange.abort();
    }

    private static byte[] event(Object document) {
        ByteArrayOutputStream event = new ByteArrayOutputStream();
        event.writeBytes(DATA);
        event.writeBytes(JsonText.bytes(document));
        event.writeBytes(END);
        return event.toByteArray();
    }
}
