package inkling.serve.http;

import java.io.IOException;

/** Answers the requests for one method and path. Each call has a thread for itself, so it may block. */
public interface Endpoint {
    /**
     * @throws ApiFault for a request that cannot be answered
     * @throws IOException if the client is gone
     */
    void answer(Exchange exchange) throws IOException;
}
