package inkling.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.serve.http.Limits;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;

/** A server for clients that do what no honest client does. After each test all slots must be free, and the server must still answer. */
@Timeout(value = 240, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
abstract class HostileClients {
    static final String POST = "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
    static final int LARGEST = 300_000;
    static TestServer server;

    @BeforeAll static void start() {
        Limits limits = new Limits(LARGEST, 8 << 10, 128, Duration.ofMillis(1500), Duration.ofMillis(700), Duration.ofMillis(1000),
            Duration.ofMillis(100));
        server = TestServer.start(TestServer.options(2, limits), "gpt2");
    }

    @AfterAll static void stop() {
        server.close();
    }

    @AfterEach @Timeout(300) void nothingIsLeft() {
        await(() -> server.figure("slots_busy", "gpt2") == 0 && server.figure("requests_waiting", "gpt2") == 0);
        assertEquals(List.of(), server.faults());
        assertEquals(200, server.post("/v1/completions", "{'prompt':'The','max_tokens':2}").status());
    }

    /** Asks again until the condition holds. Time limits end a test, or {@link #nothingIsLeft}, that asks for ever. */
    static void await(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            assertFalse(Thread.currentThread().isInterrupted(), "the time limit came first");
            Thread.onSpinWait();
        }
    }

    static String head(String answer) {
        return answer.lines().findFirst().orElse("nothing");
    }

    static void refused(int status, String answer) {
        assertTrue(answer.startsWith("HTTP/1.1 " + status), answer);
        assertTrue(answer.contains("{\"error\":{\"message\":"), answer);
        assertFalse(answer.contains("\tat ") || answer.contains("Exception") || answer.contains("jetty"), answer);
    }
}
