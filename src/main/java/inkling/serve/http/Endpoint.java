package inkling.serve.http;

import java.io.IOException;

/** Answers the requests for one method and path, on a thread that may wait. */
public interface Endpoint {
    /**
     * @throws ApiFault for a request that cannot be answered
     * @throws IOException if the client is gone
     */
    void answer(Exchange exchange) throws IOException;
}
