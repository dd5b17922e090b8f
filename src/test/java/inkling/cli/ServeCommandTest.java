package inkling.cli;

import static inkling.Says.says;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import inkling.Fixtures;
import inkling.TinyRun;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** {@code serve} and the dashboard of {@code train} as processes, from the first line to the signal that ends them. */
@DisabledOnOs(OS.WINDOWS)
@Timeout(value = 4, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@Tag("process")
class ServeCommandTest {
    @TempDir static Path directory;
    private static Shell shell;
    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @BeforeAll static void start() throws IOException {
        TinyRun.files(directory);
        shell = Shell.in(directory);
        assertEquals(0, shell.run("train", "tiny.yaml", "--run", "served", "--set", "train.keep_checkpoints=10").exit());
    }

    @AfterAll static void close() throws Exception {
        shell.close();
        assertFalse(Files.exists(directory.resolve("hs_err.log")));
    }

    private JsonNode get(URI uri) throws Exception {
        return new ObjectMapper().readTree(client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString()).body());
    }

    private static HttpRequest post(URI uri, String json) {
        return HttpRequest.newBuilder(uri).header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(json.replace('\'', '"'))).build();
    }

    /** The address in the first line that begins with one. */
    private static URI address(BufferedReader output) throws IOException {
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            if (line.startsWith("http://")) {
                return URI.create(line.split(" ")[0]);
            }
        }
        throw new AssertionError("it ended without an address");
    }

    @Test void itServesARunAndAModelOnTheLoopbackAndEndsOnASignal() throws Exception {
        Process process = shell.process(List.of(), "serve", "served", Fixtures.own("gpt2").toString(), "--port", "0").start();
        URI uri = address(process.inputReader());
        assertEquals("127.0.0.1", uri.getHost());
        JsonNode models = get(uri.resolve("/v1/models")).get("data");
        assertEquals(List.of("served", "gpt2"), List.of(models.get(0).get("id").asText(), models.get(1).get("id").asText()));
        assertListensOnlyOnTheLoopback(uri.getPort());

        JsonNode checkpoints = get(uri.resolve("/inkling/v1/checkpoints?model=served"));
        assertEquals("served", checkpoints.get("run").asText());
        long first = checkpoints.get("checkpoints").get(0).get("step").asLong();
        HttpResponse<String> scored = client.send(post(uri.resolve("/inkling/v1/score"), "{'model':'served','prompt':'the','step':" + first
            + "}"),
            BodyHandlers.ofString());
        assertEquals(200, scored.statusCode(), scored.body());
        Shell.Result same = shell.run("score", "served", "--checkpoint", Long.toString(first), "--prompt", "the", "--json");
        assertEquals(new ObjectMapper().readTree(same.out()).get("positions"), new ObjectMapper().readTree(scored.body()).get("positions"));

        HttpResponse<String> chat = client.send(post(uri.resolve("/v1/chat/completions"),
            "{'model':'served','messages':[{'role':'user','content':'a'}]}"), BodyHandlers.ofString());
        assertEquals(400, chat.statusCode());
        says(chat.body(), "cannot chat", "/v1/completions");

        HttpResponse<Stream<String>> stream = client.send(post(uri.resolve("/v1/completions"),
            "{'model':'gpt2','prompt':['The','A','Once','One','Two','Three'],'max_tokens':60,'ignore_eos':true,'stream':true,'n':8,"
                + "'temperature':2}"), BodyHandlers.ofLines());
        StringBuilder read = new StringBuilder();
        try (Stream<String> lines = stream.body()) {
            lines.forEach(line -> {
                if (read.isEmpty()) {
                    process.destroy(); // SIGTERM, after the first line
                }
                read.append(line).append('\n');
            });
        } catch (java.io.UncheckedIOException cutOff) {
            read.append("cut off");
        }
        assertTrue(read.toString().contains("\"error\":{\"message\":\"The server is stopping.") || read.toString().contains("[DONE]"),
            read::toString);
        assertEquals(143, Shell.exitOf(process));
    }

    /** Reads Linux's tables of sockets. Java's sockets may be in the table of IPv6, where the IPv4 address is at the end. */
    private static void assertListensOnlyOnTheLoopback(int port) throws IOException {
        List<String> listening = new ArrayList<>();
        for (Path table : List.of(Path.of("/proc/net/tcp"), Path.of("/proc/net/tcp6"))) {
            if (Files.isReadable(table)) {
                Files.readAllLines(table).stream().map(line -> line.strip().split("\\s+"))
                    .filter(cells -> cells[1].endsWith(":%04X".formatted(port)) && cells[3].equals("0A"))
                    .forEach(cells -> listening.add(cells[1]));
            }
        }
        assertTrue(listening.stream().allMatch(address -> address.startsWith("0100007F", address.indexOf(':') - 8)), listening::toString);
        assertTrue(!listening.isEmpty() || !Files.isReadable(Path.of("/proc/net/tcp")));
    }

    /** The dashboard must not keep the training's output streams open: {@link Shell#finish} reads to their end. */
    @Test void aDashboardOutlivesItsTrainingWhichSaysSoAndClosesItsOutput() throws Exception {
        Shell.Result trained = finished("train", "tiny.yaml", "--run", "shown", "--dashboard");
        assertEquals(0, trained.exit(), trained.out());
        Matcher said = Pattern.compile("The dashboard stays at (http://\\S+/runs) until three minutes after its last page is closed; "
            + "`kill (\\d+)` ends it now\\.").matcher(trained.out());
        assertTrue(said.find(), trained.out());
        says(trained.out(), "dashboard: " + said.group(1) + "#process=");
        ProcessHandle server = ProcessHandle.of(Long.parseLong(said.group(2))).orElseThrow();
        try {
            assertEquals(200, client.send(HttpRequest.newBuilder(URI.create(said.group(1))).build(), BodyHandlers.ofString()).statusCode());
        } finally {
            server.destroy();
            server.onExit().get(30, TimeUnit.SECONDS);
        }
    }

    @Test void aRefusedTrainingDoesNotSayThatADashboardStays() throws Exception {
        Shell.Result refused = finished("train", "tiny.yaml", "--run", "served", "--dashboard");
        assertEquals(2, refused.exit(), refused.out());
        assertFalse(refused.out().contains("stays"), refused.out());
    }

    private static Shell.Result finished(String... arguments) throws Exception {
        return Shell.finish(shell.process(List.of(), arguments));
    }

    @Test void whatCannotBeServedIsToldBeforeItListens() throws Exception {
        Shell.Result open = shell.run("serve", "served", "--host", "0.0.0.0");
        assertEquals(2, open.exit());
        says(open.err(), "--host 0.0.0.0", "--api-key", "INKLING_API_KEY");
        Shell.Result small = shell.run("serve", "served", "--slots", "99");
        assertEquals(2, small.exit());
        says(small.err(), "--slots 99", "16");
        assertEquals(2, shell.run("serve", "served", "--port", "70000").exit());
        assertEquals(2, shell.run("serve", "served", "--allow-origin", "*").exit());
        assertEquals(2, shell.run("serve", "nowhere").exit());
        assertEquals(2, shell.run("serve", "served", "--api-key", "short").exit());
        try (ServerSocket taken = new ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
            Shell.Result result = finished("serve", "served", "--port", Integer.toString(taken.getLocalPort()));
            assertEquals(2, result.exit(), result.out());
            says(result.out(), Integer.toString(taken.getLocalPort()), "--port");
        }
        Shell.Result twice = finished("serve", "served", "served", "--port", "0");
        assertEquals(2, twice.exit(), twice.out());
        says(twice.out(), "served");
    }

    @Test void theServerAsksForAKeyAndAnInterruptEndsTheServerToo() throws Exception {
        ProcessBuilder builder = shell.process(List.of(), "serve", "served", "--port", "0");
        builder.environment().put("INKLING_API_KEY", "a-long-secret");
        Process process = builder.start();
        URI uri = address(process.inputReader());
        HttpRequest.Builder request = HttpRequest.newBuilder(uri.resolve("/v1/models"));
        assertEquals(401, client.send(request.build(), BodyHandlers.ofString()).statusCode());
        assertEquals(401, client.send(request.copy().header("Authorization", "Bearer wrong-secret").build(), BodyHandlers.ofString())
            .statusCode());
        assertEquals(200, client.send(request.copy().header("Authorization", "Bearer a-long-secret").build(), BodyHandlers.ofString())
            .statusCode());
        assertEquals(200, client.send(request.copy().header("X-Api-Key", "a-long-secret").build(), BodyHandlers.ofString()).statusCode());
        assertEquals(0, new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor());
        assertEquals(130, Shell.exitOf(process));
    }
}
