package inkling.serve.http;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;

/** Writes every refusal as OpenAI's error object, including the refusals of Jetty's HTTP parser. */
final class JsonErrors extends ErrorHandler {
    private static final String JSON = "application/json";

    /** Our messages for some statuses that Jetty sets; other statuses below 500 have HTTP's own words. */
    private static final Map<Integer, String> WORDS = Map.of(
        400, "This is no request of HTTP/1.1 that can be understood.",
        413, "The request's body is too large.",
        414, "The request's address is too long.",
        431, "The request's headers are too large.");

    /** Writes the fault as the whole answer. */
    static void write(ApiFault fault, Response response, Callback callback) {
        byte[] body = JsonText.bytes(fault.json());
        response.setStatus(fault.status());
        HttpFields.Mutable headers = response.getHeaders();
        headers.put(HttpHeader.CONTENT_TYPE, JSON);
        headers.put(HttpHeader.CONTENT_LENGTH, body.length);
        if (fault.status() == HttpStatus.SERVICE_UNAVAILABLE_503) {
            headers.put(HttpHeader.RETRY_AFTER, "1");
        }
        response.write(true, ByteBuffer.wrap(body), callback);
    }

    private static ApiFault of(int status) {
        if (status == HttpStatus.SERVICE_UNAVAILABLE_503) { // set by Jetty's GracefulHandler
            return ApiFault.unavailable("This server is stopping.");
        }
        return status >= 500 ? ApiFault.ours("Something went wrong in this server.")
            : ApiFault.request(status, WORDS.getOrDefault(status, HttpStatus.getMessage(status) + "."));
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        write(of(response.getStatus()), response, callback);
        return true;
    }

    /** Gives the body of the answer to a request that Jetty's parser refuses. */
    @Override
    public ByteBuffer badMessageError(int status, String reason, HttpFields.Mutable fields) {
        fields.put(HttpHeader.CONTENT_TYPE, JSON);
        return ByteBuffer.wrap(new String(JsonText.bytes(of(status).json()), StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_8));
    }
}
