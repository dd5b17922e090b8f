package inkling.serve;

import static inkling.Says.says;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import inkling.checkpoint.CheckpointStore;
import inkling.inspect.RunHistory;
import inkling.inspect.RunHistory.Metric;
import inkling.io.Content;
import inkling.io.DirectoryLock;
import inkling.io.DurableFiles;
import inkling.serve.TestServer.Answer;
import inkling.serve.batch.BatcherOptions;
import inkling.serve.http.Limits;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The dashboard's endpoints over run directories as they grow. */
@Tag("thorough") @Timeout(value = 4, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RunsOverHttpTest {
    private static final String RUNS = "/inkling/v1/runs";
    @TempDir Path folder;
    private TestServer server;
    private Path run;

    @BeforeEach void start() throws IOException {
        run = RunFiles.begin(folder, "tale", 10_000);
        RunFiles.append(run, RunFiles.rows(1, 200, 25));
        RunFiles.samples(run, 150);
        server = TestServer.ofRuns(folder, TestServer.options(1, Limits.DEFAULT));
    }

    @AfterEach void stop() {
        server.close();
        assertEquals(0, server.faults().size(), () -> server.faults().toString());
    }

    private JsonNode get(String path) {
        Answer answer = server.get(path);
        assertEquals(200, answer.status(), answer.text());
        return answer.json();
    }

    @Test void allRunsAreListedAndADamagedOneHidesNoOther() throws IOException {
        Path other = RunFiles.begin(folder, "broken", 10);
        RunFiles.append(other, "nothing\r\n");
        Files.writeString(RunFiles.begin(folder, "strange", 10).resolve("config.yaml"), "no: run file\n");
        JsonNode list = get(RUNS);
        assertEquals(1, list.get("runs").size());
        JsonNode tale = list.get("runs").get(0);
        RunHistory history = RunFiles.history(run);
        assertEquals("tale", tale.get("name").asText());
        assertEquals("stopped", tale.get("state").asText());
        assertEquals(10_000, tale.get("max_steps").asLong());
        assertEquals(history.last(Metric.TRAIN_LOSS).orElseThrow().value(), tale.at("/last_train_loss/loss").asDouble(), 1e-12);
        assertEquals(history.bestValidation().orElseThrow().step(), tale.at("/best_val_loss/step").asLong());
        says(list.get("unreadable").get("broken").asText(), "metrics.csv", "row 1");
        says(list.get("unreadable").get("strange").asText(), "config.yaml");
        says(server.get(RUNS + "/broken").text(), "metrics.csv", "row 1");
        assertEquals(409, server.get(RUNS + "/broken/metrics").status());
    }

    @Test void stepZeroIsNotCalledTheBest() {
        CheckpointStore store = new CheckpointStore(run, DurableFiles.SYSTEM);
        store.save(0, Map.of("progress.json", Content.of(new byte[] {1})));
        store.markBest(0);
        assertFalse(get(RUNS + "/tale").at("/checkpoints/0/best").asBoolean(true));
    }

    @Test void aRunThatIsBeingTrainedSaysSoAndByWhom() {
        try (DirectoryLock lock = DirectoryLock.acquire(run)) {
            JsonNode one = get(RUNS + "/tale");
            assertEquals("running", one.get("state").asText());
            assertEquals(ProcessHandle.current().pid(), one.get("trainer").asLong());
            assertEquals(200, one.get("step").asLong(), "the last logged step");
            assertTrue(one.get("seconds_left").asDouble() > 0);
            assertTrue(one.get("stop_command").isNull(), "what would be refused is not offered");
            says(one.get("stop_refusal").asText(), "Ctrl-C");
        }
        assertTrue(get(RUNS + "/tale").get("trainer").isNull());
    }

    @Test void theCurvesAreThoseOfTheFile() {
        RunHistory history = RunFiles.history(run);
        JsonNode series = get(RUNS + "/tale/metrics").get("series");
        for (Metric metric : EnumSet.range(Metric.TRAIN_LOSS, Metric.TOKENS_PER_SECOND)) {
            RunHistory.Series expected = history.series(metric);
            JsonNode read = series.get(metric.column());
            assertEquals(expected.steps().length, read.get("steps").size(), metric.column());
            assertFalse(read.has("low"), "each point is one row");
            for (int i = 0; i < expected.steps().length; i++) {
                assertEquals(expected.steps()[i], read.get("steps").get(i).asDouble());
                assertEquals(expected.values()[i], read.get("last").get(i).asDouble(), 1e-6 * Math.abs(expected.values()[i]));
            }
        }
        assertFalse(series.has("reward_margin"));
        JsonNode few = get(RUNS + "/tale/metrics?points=10&from=101").at("/series/train_loss");
        assertEquals(10, few.get("steps").size());
        assertEquals(110, few.get("steps").get(0).asLong());
        assertEquals(200, few.get("steps").get(9).asLong());
        assertEquals(history.rows().get(109).value(Metric.TRAIN_LOSS).orElseThrow(), few.get("last").get(0).asDouble(), 1e-12);
        assertTrue(few.get("low").get(0).asDouble() < few.get("mean").get(0).asDouble());
        assertTrue(few.get("high").get(0).asDouble() > few.get("mean").get(0).asDouble());
    }

    @Test void onlyWhatIsNewComesAfterAStep() throws IOException {
        String history = get(RUNS + "/tale/metrics").get("history").asText();
        assertEquals(0, get(RUNS + "/tale/metrics?after=200").get("series").size());
        RunFiles.append(run, RunFiles.rows(201, 203, 25) + "204,99");
        JsonNode news = get(RUNS + "/tale/metrics?after=200");
        assertEquals(203, news.get("last").asLong(), "half a row is waited for");
        assertEquals(3, news.at("/series/train_loss/steps").size());
        assertEquals(history, news.get("history").asText());
        String all = Files.readString(run.resolve("metrics.csv"));
        Files.writeString(run.resolve("metrics.csv"), all.substring(0, all.indexOf("\r\n151,") + 2));
        JsonNode anew = get(RUNS + "/tale/metrics?after=203");
        assertEquals(150, anew.get("last").asLong());
        assertFalse(history.equals(anew.get("history").asText()), "resumed at an earlier step");
    }

    @Test void samplesComeByTheirStep() {
        assertEquals("[50,100,150]", get(RUNS + "/tale").get("sample_steps").toString());
        assertEquals("Once", get(RUNS + "/tale").get("sample_prompt").asText());
        assertEquals("Once upon 100", get(RUNS + "/tale/samples?step=100").get("text").asText());
        Answer none = server.get(RUNS + "/tale/samples?step=99");
        assertEquals(400, none.status());
        says(none.text(), "step", "99");
    }

    @Test void keysInWhichRunsDifferAreListed() throws IOException {
        Path other = RunFiles.begin(folder, "wide", 10_000);
        Files.writeString(other.resolve("config.yaml"), Files.readString(other.resolve("config.yaml")).replace("n_embd: 16", "n_embd: 32"));
        Answer answer = server.post("/inkling/v1/compare-runs", "{'runs':['tale','wide']}");
        assertEquals("{\"differences\":[{\"key\":\"model.n_embd\",\"values\":[\"16\",\"32\"]}]}", answer.text());
        assertEquals(400, server.post("/inkling/v1/compare-runs", "{'runs':['tale']}").status());
        assertEquals(400, server.post("/inkling/v1/compare-runs", "{}").status());
        assertEquals(404, server.post("/inkling/v1/compare-runs", "{'runs':['tale','other']}").status());
    }

    /** A name is looked up in the list of runs; a name that is not in the list reaches no file. */
    @ParameterizedTest
    @ValueSource(strings = {"nobody", "..", "%2e%2e", "..%2f..%2ftale", "tale%2f..%2ftale", ".", "tale%00", "%2ftmp"})
    void onlyRunsOfTheListAnswer(String name) throws IOException {
        Files.copy(run.resolve("config.yaml"), folder.resolve("config.yaml"));
        for (String what : new String[] {"", "/metrics", "/events", "/samples?step=50"}) {
            String answer = server.raw("GET " + RUNS + "/" + name + what + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
            assertTrue(answer.matches("(?s)HTTP/1.1 40[04] .*"), answer);
            assertFalse(answer.contains("metrics.csv"), answer);
        }
    }

    @ParameterizedTest
    @CsvSource({"stop, {}, 400, trainer", "stop, {'trainer':0}, 400, trainer", "stop, {'trainer':4000000000}, 409, not being trained",
        "resume, {'max_steps':0}, 400, max_steps", "resume, {'max_step':9}, 400, max_steps", "resume, [], 400, object",
        "open, {}, 409, checkpoint"})
    void whatCannotBeDoneIsSaid(String what, String body, int status, String word) {
        Answer answer = server.post(RUNS + "/tale/" + what, body);
        assertEquals(status, answer.status(), answer.text());
        says(answer.text(), word);
    }

    /** With early stopping the resumed run would end at once, as it did before. */
    @Test void aRunThatStoppedEarlyGoesOnWithoutEarlyStopping() throws IOException {
        Files.writeString(run.resolve("run.json"), """
            {"format_version": 2, "data_sha256": "a", "tokenizer_sha256": "b", "engine": "c", "threads": 1, "device": "cpu()", "resumes": \
            [],
             "ended": "stopped_early"}""");
        JsonNode one = get(RUNS + "/tale");
        assertEquals("stopped_early", one.get("state").asText());
        assertTrue(one.get("resume_command").asText().endsWith("/tale --set train.early_stopping_patience=null"), one.toString());
        assertTrue(get(RUNS).at("/runs/0/state").asText().equals("stopped_early"));
    }

    /** This process holds the run's lock. The server in it neither stops its own process nor resumes the run. */
    @Test void onlyTheProcessThatWasShownIsStopped() {
        try (DirectoryLock lock = DirectoryLock.acquire(run)) {
            long self = ProcessHandle.current().pid();
            says(server.post(RUNS + "/tale/stop", "{'trainer':" + (self + 1) + "}").text(), "Another process", Long.toString(self));
            assertEquals(409, server.post(RUNS + "/tale/stop", "{'trainer':" + self + "}").status());
            says(server.post(RUNS + "/tale/resume", "{}").text(), "being trained already");
        }
    }

    @Test void pagesElsewhereAndThoseWithoutTheKeyMaySteerNothing() throws IOException {
        String post = "POST " + RUNS + "/tale/resume HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 2\r\n";
        assertTrue(server.raw(post + "Content-Type: text/plain\r\n\r\n{}").startsWith("HTTP/1.1 415"));
        assertTrue(server.raw(post + "Content-Type: application/json\r\nOrigin: http://evil.example\r\n\r\n{}").startsWith("HTTP/1.1 403"));
        assertEquals(405, server.get(RUNS + "/tale/resume").status());
        ServeOptions shared = new ServeOptions("127.0.0.1", 0, Optional.empty(), Set.of(), Set.of("http://chat.example"),
            new BatcherOptions(1, 16 << 20, 4), Limits.DEFAULT);
        try (TestServer chat = TestServer.ofRuns(folder, shared)) {
            String allowed = "Content-Type: application/json\r\nOrigin: http://chat.example\r\n\r\n{}";
            for (String what : new String[] {"stop", "resume", "open"}) {
                String answer = chat.raw(post.replace("/resume", "/" + what) + allowed);
                assertTrue(answer.startsWith("HTTP/1.1 403") && answer.contains("own pages"), answer);
            }
        }
        ServeOptions withKey = new ServeOptions("127.0.0.1", 0, Optional.of("a-long-secret"), Set.of(), Set.of(),
            new BatcherOptions(1, 16 << 20, 4), Limits.DEFAULT);
        try (TestServer guarded = TestServer.ofRuns(folder, withKey)) {
            for (String path : new String[] {RUNS, RUNS + "/tale", RUNS + "/tale/metrics", RUNS + "/tale/events"}) {
                assertEquals(401, guarded.get(path).status(), path);
            }
            assertEquals(401, guarded.post(RUNS + "/tale/resume", "{}").status());
            assertEquals(200, guarded.get("/runs").status(), "the page itself has no data of runs");
        }
    }

    @Test void aPageHearsOfEachRowOnceAndOfAllAfterTheFileWasWrittenAnew() throws IOException {
        String history = get(RUNS + "/tale/metrics").get("history").asText();
        try (Socket socket = server.connect(); BufferedReader events = follow(socket, "?after=190&history=" + history)) {
            JsonNode first = next(events);
            assertEquals("tale", first.at("/run/name").asText());
            assertEquals("[191,192,193,194,195,196,197,198,199,200]", first.at("/metrics/series/train_loss/steps").toString());
            RunFiles.append(run, RunFiles.rows(201, 201, 25));
            JsonNode second = next(events);
            assertEquals(200, second.at("/metrics/after").asLong());
            assertEquals("[201]", second.at("/metrics/series/train_loss/steps").toString());
            String header = Files.readAllLines(run.resolve("metrics.csv")).get(0) + "\r\n";
            Files.writeString(run.resolve("metrics.csv"), header + RunFiles.rows(1, 5, 25));
            JsonNode third = next(events);
            assertEquals(-1, third.at("/metrics/after").asLong());
            assertEquals("[1,2,3,4,5]", third.at("/metrics/series/train_loss/steps").toString());
        }
        try (Socket socket = server.connect(); BufferedReader events = follow(socket, "?after=190&history=other")) {
            assertEquals(5, next(events).at("/metrics/series/train_loss/steps").size(), "all rows of a foreign history");
        }
    }

    /** As with {@code train --dashboard}, the page is open before the first row is written, the one of step 0. */
    @Test void theFirstRowIsHeardOfToo() throws IOException {
        Path begun = RunFiles.begin(folder, "begun", 100);
        assertEquals(-1, get(RUNS + "/begun/metrics").get("last").asLong());
        try (Socket socket = server.connect(); BufferedReader events = follow(socket, "begun", "")) {
            assertEquals(-1, next(events).at("/metrics/last").asLong());
            RunFiles.append(begun, RunFiles.rows(0, 0, 1));
            assertEquals("[0]", next(events).at("/metrics/series/val_loss/steps").toString());
        }
    }

    /** Streams end with the server, and tell that they do. */
    @Test void aClosingServerEndsItsStreams() throws IOException {
        try (Socket socket = server.connect(); BufferedReader events = follow(socket, "")) {
            next(events);
            server.close();
            says(String.join("\n", events.lines().toList()) + server.faults(), "\ndata: [DONE]\n");
        }
    }

    private static BufferedReader follow(Socket socket, String query) throws IOException {
        return follow(socket, "tale", query);
    }

    private static BufferedReader follow(Socket socket, String name, String query) throws IOException {
        String request = "GET " + RUNS + "/" + name + "/events" + query + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    }

    /** The next event with {@code metrics}, which may be without rows. */
    private static JsonNode next(BufferedReader events) throws IOException {
        for (String line = events.readLine(); line != null; line = events.readLine()) {
            if (line.startsWith("data: ") && line.contains("\"metrics\"")) {
                return TestServer.parse(line.substring(6));
            }
        }
        throw new AssertionError("the stream ended");
    }

    @Test void withoutAModelTheServerSaysWhereOneIs() {
        assertEquals(0, get("/v1/models").get("data").size());
        Answer answer = server.post("/v1/completions", "{'prompt':'a'}");
        assertEquals(404, answer.status());
        says(answer.text(), "no model", "/runs");
        assertTrue(StreamSupport.stream(get(RUNS).get("runs").spliterator(), false).allMatch(r -> r.get("name").asText().equals("tale")));
    }
}
