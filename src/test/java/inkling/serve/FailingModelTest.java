package inkling.serve;

import static inkling.Says.says;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.engine.ComputeContext;
import inkling.generate.SamplingOptions;
import inkling.run.LoadedModel;
import inkling.serve.TestServer.Answer;
import inkling.serve.api.ServedModel;
import inkling.serve.batch.Work;
import inkling.serve.http.Limits;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model that goes wrong in the middle of a text. */
class FailingModelTest {
    private static final String ASKED = "{'prompt':'a','temperature':0,'max_tokens':20%s}";

    @TempDir static Path folder;
    private static TestServer server;

    @BeforeAll static void start() {
        ScriptedModel.writeFailing("abcd", folder.resolve("failing"));
        ServeOptions options = TestServer.options(2, Limits.DEFAULT);
        server = TestServer.over(options, new ServedModel("failing",
            LoadedModel.open(folder.resolve("failing"), ComputeContext.of("cpu")), options.batching()));
    }

    @AfterAll static void stop() {
        server.close();
    }

    /** The error is the last event. Then the connection is cut, since some clients take a regular end for a whole answer. */
    @Test void aStreamEndsWithTheError() throws IOException {
        String body = ASKED.formatted(",'stream':true").replace('\'', '"');
        try (Socket socket = server.connect()) {
            socket.getOutputStream().write(("POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                + "Content-Length: " + body.length() + "\r\n\r\n" + body).getBytes(StandardCharsets.UTF_8));
            String stream = TestServer.all(socket);
            says(stream, "HTTP/1.1 200", "\"text\":\"b\"", "\"text\":\"d\"", "data: {\"error\":{", "server_error");
            assertFalse(stream.contains("[DONE]") || stream.contains("\"finish_reason\":\"") || stream.endsWith("\r\n0\r\n\r\n"), stream);
        }
        assertEquals(0, server.figure("slots_busy", "failing"));
    }

    @Test void anAnswerInOnePieceIsAServerError() {
        Answer answer = server.post("/v1/completions", ASKED.formatted(""));
        assertEquals(500, answer.status());
        assertEquals("server_error", answer.json().get("error").get("type").asText());
        assertTrue(answer.header("x-request-id").startsWith("req-"));
        assertFalse(answer.text().contains("Exception") || answer.text().contains(folder.toString()), answer.text());
        assertEquals(500, server.post("/v1/completions", ASKED.formatted(",'inkling':{'exact':true}")).status());
        assertFalse(server.faults().isEmpty(), "the fault is in the log");
    }

    /** The prompt has an id that no vocabulary has. The API refuses such prompts, so the test hands it over directly. */
    @Test void anExactTextThatCannotBeginFailsAndTheModelAnswersOn() {
        CompletableFuture<RuntimeException> fault = new CompletableFuture<>();
        ServedModel model = server.model("failing");
        model.batcher().submit(new Work(new int[] {-1}, model.prompts(), SamplingOptions.DEFAULT, Work.Mode.EXACT, OptionalInt.empty(),
            new SilentReceiver() {
                @Override
                public void failed(RuntimeException why) {
                    fault.complete(why);
                }
            }));
        says(fault.orTimeout(20, TimeUnit.SECONDS).join().toString(), "-1");
        aTextThatEndsBeforeTheFaultIsAnswered();
    }

    @Test void aTextThatEndsBeforeTheFaultIsAnswered() {
        Answer before = server.post("/v1/completions", "{'prompt':'a','temperature':0,'max_tokens':2}");
        assertEquals("bc", before.json().get("choices").get(0).get("text").asText());
    }
}
