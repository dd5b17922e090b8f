package inkling.serve.http;

import java.time.Duration;

/**
 * Limits of sizes and times, so that no client can exhaust the server.
 *
 * @param bodyBytes of a request
 * @param headBytes of its line and headers
 * @param connections that are open at a time; more wait in the system's own queue
 * @param head for a whole head to arrive, and how long a connection without a request stays open
 * @param body for a whole body to arrive
 * @param write for a client to take what is sent to it
 * @param ping between two keep-alives of a stream that has nothing to send
 */
public record Limits(int bodyBytes, int headBytes, int connections, Duration head, Duration body, Duration write, Duration ping) {
    public static final Limits DEFAULT = new Limits(2 << 20, 8 << 10, 128, Duration.ofSeconds(30), Duration.ofSeconds(30),
        Duration.ofSeconds(30), Duration.ofSeconds(10));
}
