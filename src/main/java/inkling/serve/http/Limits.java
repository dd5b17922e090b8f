package inkling.serve.http;

import java.time.Duration;

/**
 * Limits of sizes and times, so that no client can exhaust the server.
 *
 * @param bodyBytes the most bytes that a request's body may have
 * @param headBytes the most bytes that a request's head (its first line and headers) may have
 * @param connections the most open connections; further connections wait in the operating system's queue
 * @param head the most time for a whole head to arrive, and the most time that a connection stays open without a request
 * @param body the most time for a whole body to arrive
 * @param write the most time that a client may take no byte of what is sent to it
 * @param ping the time between two keep-alives of a stream that has nothing to send
 */
public record Limits(int bodyBytes, int headBytes, int connections, Duration head, Duration body, Duration write, Duration ping) {
    public static final Limits DEFAULT = new Limits(2 << 20, 8 << 10, 128, Duration.ofSeconds(30), Duration.ofSeconds(30),
        Duration.ofSeconds(30), Duration.ofSeconds(10));
}
