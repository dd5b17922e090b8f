package inkling.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.serve.batch.BatcherOptions;
import inkling.serve.http.Limits;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which requests are answered: the checks of their host, origin and key. */
class GuardsTest {
    private static final String KEY = "Authorization: Bearer a-long-secret\r\n";
    private static TestServer server;

    @BeforeAll static void start() {
        server = TestServer.start(new ServeOptions("127.0.0.1", 0, Optional.of("a-long-secret"), Set.of("box.example"),
            Set.of("http://localhost:3000"), new BatcherOptions(1, 16 << 20, 4), Limits.DEFAULT), "gpt2");
    }

    @AfterAll static void stop() {
        server.close();
    }

    /** As in a URL. The brackets are dropped here; the URL of the server adds its own. */
    @Test void anAddressOfIpv6MayStandInBrackets() {
        assertEquals("::1", new ServeOptions("[::1]", 0, Optional.empty(), Set.of(), Set.of(), new BatcherOptions(1, 16 << 20, 4),
            Limits.DEFAULT).host());
    }

    private static String ask(String method, String headers) throws IOException {
        return server.raw(method + " /v1/models HTTP/1.1\r\nConnection: close\r\n" + headers + "\r\n");
    }

    private static int status(String answer) {
        return Integer.parseInt(answer.substring(9, 12));
    }

    @ParameterizedTest
    @CsvSource({"box.example, 200", "BOX.example:8080, 200", "localhost, 200", "evil.example, 403", "box.example.evil.example, 403"})
    void anAllowedHostIsOneOfOurNames(String host, int status) throws IOException {
        assertEquals(status, status(ask("GET", "Host: " + host + "\r\n" + KEY)));
    }

    @ParameterizedTest
    @CsvSource({"http://localhost:3000, 200", "http://localhost:3001, 403", "https://localhost:3000, 403", "http://evil.example, 403",
        "null, 403", "http://localhost:3000.evil.example, 403"})
    void onlyPagesOfAllowedOriginsMayAsk(String origin, int status) throws IOException {
        String answer = ask("GET", "Host: localhost\r\nOrigin: " + origin + "\r\n" + KEY);
        assertEquals(status, status(answer), answer);
        assertEquals(status == 200, answer.contains("Access-Control-Allow-Origin: http://localhost:3000"));
        assertFalse(answer.contains("Access-Control-Allow-Credentials"));
        assertTrue(status != 200 || answer.contains("Vary: Origin"));
    }

    /** The origin of a page that the server itself gave is the host and port of the request. */
    @Test void ourOwnPagesMayAsk() throws IOException {
        int port = server.uri("/").getPort();
        assertEquals(200, status(ask("GET", "Host: localhost:" + port + "\r\nOrigin: http://localhost:" + port + "\r\n" + KEY)));
        assertEquals(403, status(ask("GET", "Host: localhost:" + port + "\r\nOrigin: http://localhost:" + (port + 1) + "\r\n" + KEY)));
        assertEquals(403, status(ask("GET", "Host: localhost\r\nSec-Fetch-Site: cross-site\r\n" + KEY)));
        assertEquals(200, status(ask("GET", "Host: localhost\r\nSec-Fetch-Mode: cors\r\n" + KEY)), "Node's fetch sends this header");
        assertEquals(200, status(ask("GET", "Host: localhost\r\nSec-Fetch-Site: same-origin\r\n" + KEY)));
    }

    @Test void aPreflightNeedsNoKeyAndIsAnsweredForAllowedOriginsOnly() throws IOException {
        String asked = "Access-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: "
            + "authorization,x-stainless-os,openai-beta\r\n";
        String allowed = ask("OPTIONS", "Host: localhost\r\nOrigin: http://localhost:3000\r\n" + asked);
        assertEquals(204, status(allowed), allowed);
        assertTrue(allowed.contains("Access-Control-Allow-Headers: authorization,x-stainless-os,openai-beta"), allowed);
        assertTrue(allowed.contains("Access-Control-Allow-Origin: http://localhost:3000"), allowed);
        String foreign = ask("OPTIONS", "Host: localhost\r\nOrigin: http://evil.example\r\n" + asked);
        assertEquals(403, status(foreign));
        assertFalse(foreign.contains("Access-Control-Allow"), foreign);
    }

    @Test void nothingIsToldWithoutTheKey() throws IOException {
        for (String headers : new String[] {"", "Authorization: Bearer wrong\r\n", "Authorization: a-long-secret\r\n", "X-Api-Key: \r\n",
            "Authorization: Bearer a-long-secret2\r\n"}) {
            String answer = ask("GET", "Host: localhost\r\n" + headers);
            assertEquals(401, status(answer), headers);
            assertTrue(answer.contains("invalid_api_key"), answer);
            assertFalse(answer.contains("gpt2"), answer);
        }
        assertEquals(200, status(ask("GET", "Host: localhost\r\nX-Api-Key: a-long-secret\r\n")));
    }
}
