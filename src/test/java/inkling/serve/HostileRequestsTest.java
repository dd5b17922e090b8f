package inkling.serve;

import static inkling.Says.says;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.generate.SamplingField;
import inkling.serve.TestServer.Answer;
import inkling.serve.http.ApiFault;
import inkling.serve.http.Guards;
import inkling.serve.http.HttpServer;
import inkling.serve.http.Limits;
import inkling.serve.http.Routes;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that no honest client sends. */
class HostileRequestsTest extends HostileClients {
    @ParameterizedTest
    @CsvSource({"'Host: localhost\r\nHost: localhost', 400", "'Host:', 400", "'', 400", "'Host: evil.example', 403",
        "'Host: 127.0.0.1.evil.example', 403", "'Host: localhost:99999', 400", "'Host: user@localhost', 400", "'Host: 0.0.0.0', 403"})
    void aHostThatIsNotOursIsRefused(String host, int status) throws IOException {
        String line = host.isEmpty() ? "" : host + "\r\n";
        refused(status, server.raw("GET /health HTTP/1.1\r\n" + line + "Connection: close\r\n\r\n"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "127.0.0.1", "[::1]", "LOCALHOST", "localhost:1234", "127.0.0.1:8080"})
    void theNamesOfTheLoopbackAreAccepted(String host) throws IOException {
        assertEquals("HTTP/1.1 200 OK", head(server.raw("GET /health HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n")));
    }

    @Test void anAddressThatNamesAnotherHostIsRefused() throws IOException {
        String answer = server.raw("GET http://evil.example/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        assertTrue(answer.startsWith("HTTP/1.1 4"), answer);
    }

    /** Lengths and transfer encodings that contradict each other, or are wrong by themselves. */
    @ParameterizedTest
    @ValueSource(strings = {"Content-Length: 10\r\nTransfer-Encoding: chunked", "Content-Length: -1",
        "Content-Length: 1\r\nContent-Length: 2",
        "Content-Length: 99999999999999999999", "Transfer-Encoding: identity, chunked, chunked", "Content-Length: 0x10"})
    void wrongLengthsAreRefused(String lengths) throws IOException {
        String answer = server.raw(POST + lengths + "\r\nConnection: close\r\n\r\n{}        ");
        assertTrue(answer.startsWith("HTTP/1.1 400") || answer.startsWith("HTTP/1.1 501"), answer);
    }

    /** Also refused: what is not HTTP at all. */
    @Test void longHeadersAndAddressesAreRefused() throws IOException {
        refused(431, server.raw("GET /health HTTP/1.1\r\nHost: localhost\r\nX: " + "x".repeat(20_000) + "\r\n\r\n"));
        assertTrue(server.raw("GET /" + "x".repeat(20_000) + " HTTP/1.1\r\nHost: localhost\r\n\r\n").startsWith("HTTP/1.1 4"));
        assertTrue(server.raw("\u0016\u0003\u0001 what is this\r\n\r\n").startsWith("HTTP/1.1 400"));
    }

    @Test void aBodyThatIsTooLargeIsRefused() throws IOException {
        refused(413, server.raw(POST + "Content-Length: 1000000000\r\n\r\n{"));
        String chunk = "4000\r\n" + "x".repeat(0x4000) + "\r\n";
        refused(413, server.raw(POST + "Transfer-Encoding: chunked\r\n\r\n" + chunk.repeat(LARGEST / 0x4000 + 2) + "0\r\n\r\n"));
        assertEquals(413, server.post("/v1/completions", "{'prompt':'" + "x".repeat(LARGEST) + "'}").status());
        refused(413, server.raw(POST + "Expect: 100-continue\r\nContent-Length: " + (LARGEST + 1) + "\r\n\r\n"));
    }

    /** Most clients read no answer before they have sent their whole body. */
    @ParameterizedTest
    @CsvSource({"413,/v1/completions,application/json", "415,/v1/completions,text/plain", "404,/nothing,application/json",
        "405,/health,application/json"})
    void aClientHearsWhyItsLongBodyIsRefused(int status, String path, String type) throws IOException {
        String head = "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: %s\r\n".formatted(path, type);
        String body = "x".repeat(7 * LARGEST);
        String next = "GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        for (String lengthAndBody : List.of("Content-Length: " + body.length() + "\r\n\r\n" + body,
            "Transfer-Encoding: chunked\r\n\r\n" + Integer.toHexString(body.length()) + "\r\n" + body + "\r\n0\r\n\r\n")) {
            String answers = server.raw(head + lengthAndBody + next);
            refused(status, answers);
            says(answers, "HTTP/1.1 200");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "nonsense", "[]", "1", "null", "'text'", "{'prompt':'a'", "{'prompt':'a'}}",
        "{'prompt':'a','prompt':'b'}",
        "{'prompt':1e999999999}", "{'prompt':'\\ud800'}", "{'max_tokens':'12'}", "{'prompt':{}}", "{'prompt':[]}", "{'prompt':[[]]}",
        "{'prompt':[1,'a']}", "{'prompt':[-1]}", "{'prompt':[99999]}", "{'prompt':[1.5]}", "{'prompt':true}", "{'model':7}", "{'stop':''}",
        "{'stop':[1]}", "{'stop':['a','b','c','d','e']}", "{'logit_bias':[]}", "{'logit_bias':{'x':1}}", "{'logit_bias':{'5':101}}",
        "{'logit_bias':{'99999':1}}", "{'stream':'yes'}", "{'inkling':{'what':1}}", "{'echo':1}"})
    void whatIsNoRequestIsRefused(String json) {
        Answer answer = server.post("/v1/completions", json);
        assertEquals(400, answer.status(), answer.text());
        assertTrue(answer.json().get("error").get("message").isTextual());
    }

    @Test void deepJsonAndBytesThatAreNoTextAreRefused() throws IOException {
        String deep = "{'prompt':" + "[".repeat(100_000) + "]".repeat(100_000) + "}";
        assertEquals(400, server.post("/v1/completions", deep).status());
        assertEquals(400, server.post("/v1/chat/completions", "{'messages':" + "{'a':".repeat(15_000) + "1" + "}".repeat(15_001)).status());
        refused(400, server.raw(POST + "Content-Length: 14\r\nConnection: close\r\n\r\n{\"prompt\":\"\u00ff\u00fe\""));
    }

    static Stream<Arguments> bounds() {
        return Stream.of("max_tokens,1,1000000000", "temperature,0,2", "top_p,0.0001,1", "n,1,2",
            "seed,-9223372036854775808,9223372036854775807", "frequency_penalty,-2,2", "presence_penalty,-2,2", "min_p,0,1",
            "top_k,0,10000000", "repetition_penalty,0.01,100", "repeat_penalty,0.01,100", "logprobs,0,5")
            .map(line -> Arguments.of((Object[]) line.split(",")));
    }

    @Test void everySettingOfSamplingIsAmongTheNumbersThatAreTried() {
        List<Object> tried = bounds().map(one -> one.get()[0]).toList();
        assertEquals(List.of(), Arrays.stream(SamplingField.values()).map(SamplingField::key).filter(key -> !tried.contains(key)).toList());
    }

    /** Each number of {@link #bounds}, at its bounds and beyond. */
    @ParameterizedTest
    @MethodSource("bounds")
    void everyNumberHasItsBounds(String field, String least, String most) {
        String rest = "{'prompt':'The'" + (field.equals("max_tokens") ? "" : ",'max_tokens':2") + ",'" + field + "':";
        for (String within : List.of(least, most)) {
            Answer answer = server.post("/v1/completions", rest + within + "}");
            assertEquals(200, answer.status(), field + " " + within + answer.text());
        }
        for (String beyond : List.of(least.equals("0.0001") ? "0" : least.contains(".") ? "0.009" : least + "0".repeat(3) + "1", most + "1",
            "-1e308", "1e308", "1e99999", "'1'", "true", "[]", "{}")) {
            boolean isWithin = beyond.startsWith(least) && least.matches("[01]")
                && Double.parseDouble(beyond) <= Double.parseDouble(most);
            if (!isWithin) {
                Answer answer = server.post("/v1/completions", rest + beyond + "}");
                assertEquals(400, answer.status(), field + " " + beyond);
                assertEquals(field, answer.json().get("error").get("param").asText());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/..%5c..%5cwindows", "/v1/models/..%2f..%2fx",
        "/v1/models/../x",
        "/v1/models/%00", "//etc/passwd", "/v1/models/", "/;/health", "/health%2f.."})
    void noPathLeadsOut(String path) throws IOException {
        String answer = server.raw("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        assertTrue(answer.startsWith("HTTP/1.1 404") || answer.startsWith("HTTP/1.1 400"), answer);
        assertFalse(answer.contains("root:"), answer);
        String model = path.substring(1);
        assertEquals(404, server.post("/v1/completions", "{'prompt':'x','model':'" + model + "'}").status());
    }

    @Test void twoRequestsAtOnceOnOneConnectionAreBothAnsweredOrTheConnectionEnds() throws IOException {
        String body = "{\"prompt\":\"The\",\"max_tokens\":2}";
        String one = POST + "Content-Length: " + body.length() + "\r\n\r\n" + body;
        String last = one.replace("Host:", "Connection: close\r\nHost:");
        String answers = server.raw(one + last);
        assertTrue(answers.startsWith("HTTP/1.1 200"), answers);
        assertFalse(answers.contains("HTTP/1.1 4"), "the second request lost a byte: " + answers);
    }

    /** The endpoint waits until the server has read the first byte of the client's second request. Then it answers, or fails. */
    @ParameterizedTest
    @ValueSource(ints = {200, 400, 503})
    void anAnswerAnnouncesTheEndOfTheConnectionIfTheNextRequestCameTooEarly(int status) throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch sent = new CountDownLatch(1);
        Routes routes = new Routes().get("/other", exchange -> exchange.json(Map.of())).get("/slow", exchange -> {
            begun.countDown();
            assertDoesNotThrow(() -> sent.await());
            if (status != 200) {
                throw status == 400 ? ApiFault.request(status, "no") : ApiFault.unavailable("no");
            }
            exchange.json(Map.of());
        });
        String get = "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n";
        Guards guards = new Guards(Set.of(), Set.of(), Optional.empty());
        try (HttpServer http = new HttpServer("127.0.0.1", 0, guards, routes, Limits.DEFAULT, fault -> { })) {
            http.start();
            try (Socket early = new Socket("127.0.0.1", http.uri().getPort())) {
                early.setSoTimeout(20_000);
                early.getOutputStream().write(get.formatted("/slow").getBytes(StandardCharsets.UTF_8));
                begun.await();
                early.getOutputStream().write(get.formatted("/other").getBytes(StandardCharsets.UTF_8));
                http.uri().resolve("/other").toURL().openStream().close(); // one thread reads all connections, in turn
                sent.countDown();
                String answers = TestServer.all(early);
                says(answers, "HTTP/1.1 " + status, "Connection: close");
                assertEquals(2, answers.split("HTTP/1.1 ", -1).length, "the second request lost a byte: " + answers);
            }
        }
    }

    @Test void aTextInAnErrorIsOnlyText() {
        String answer = server.post("/v1/completions", "{'prompt':'x','<script>alert(1)</script>':1}").text();
        assertTrue(answer.startsWith("{\"error\""), answer);
        assertEquals("application/json", server.post("/v1/completions", "{'prompt':'x','<b>':1}").header("content-type"));
        assertEquals("nosniff", server.post("/v1/completions", "{'prompt':'x','<b>':1}").header("x-content-type-options"));
    }

    @Test void noErrorTellsAPathOfThisMachine() {
        for (String json : List.of("{'prompt':1}", "{'model':'/etc'}", "nonsense", "{'prompt':'x','max_tokens':-1}")) {
            String answer = server.post("/v1/completions", json).text();
            assertFalse(answer.contains("/home") || answer.contains("resources") || answer.contains(System.getProperty("user.dir")),
                answer);
        }
    }
}
