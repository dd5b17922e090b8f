package inkling.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import inkling.generate.SamplingOptions;
import inkling.serve.TestServer.Answer;
import inkling.serve.batch.Batcher;
import inkling.serve.batch.BatcherOptions;
import inkling.serve.batch.Receiver;
import inkling.serve.batch.Work;
import inkling.serve.http.Limits;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Many requests at a time: the queue, prompts that are computed once for several requests, and that nothing is left afterwards. */
@Timeout(value = 240, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@Tag("thorough")
class LoadTest {
    private static final String SIXTY_TOKENS = "{'prompt':'The','max_tokens':60,'ignore_eos':true,'n':2}";
    private TestServer server;

    private void start(int slots, int waiting, int cacheBytes) {
        server = TestServer.start(new ServeOptions("127.0.0.1", 0, Optional.empty(), Set.of(), Set.of(),
            new BatcherOptions(slots, cacheBytes, waiting), Limits.DEFAULT), "gpt2");
    }

    @AfterEach void stop() {
        server.close();
    }

    /** Keeps the model's thread busy until the returned runnable is run. */
    private Runnable blocked() {
        CompletableFuture<Void> begun = new CompletableFuture<>();
        CompletableFuture<Void> end = new CompletableFuture<>();
        Thread thread = new Thread(() -> server.model("gpt2").batcher().call(() -> {
            begun.complete(null);
            return end.join();
        }));
        thread.start();
        begun.join();
        return () -> end.complete(null);
    }

    private Socket sent(String json) throws IOException {
        String body = json.replace('\'', '"');
        Socket socket = server.connect();
        socket.getOutputStream().write(("POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
            + "Content-Type: application/json\r\nContent-Length: " + body.length() + "\r\n\r\n" + body).getBytes(StandardCharsets.UTF_8));
        return socket;
    }

    @Test void oneMoreThanMayWaitIsRefusedAtOnceAndTheOthersAreAnswered() throws Exception {
        start(2, 4, 64 << 20);
        Runnable go = blocked();
        List<Socket> waiting = new ArrayList<>();
        for (int i = 0; i < 6; i++) { // two for the slots, four that wait
            waiting.add(sent("{'prompt':'The','max_tokens':4,'seed':%d}".formatted(i)));
        }
        while (server.model("gpt2").batcher().waiting() < 6) {
            Thread.onSpinWait();
        }
        Answer refused = server.post("/v1/completions", "{'prompt':'The','max_tokens':4}");
        assertEquals(503, refused.status());
        assertEquals("1", refused.header("retry-after"));
        assertEquals("unavailable_error", refused.json().get("error").get("type").asText());
        assertEquals(503, server.post("/v1/chat/completions", "{'messages':[{'role':'user','content':'a'}],'max_tokens':4,'stream':true}")
            .status());
        assertEquals(200, server.get("/health").status(), "what needs no model is answered meanwhile");
        go.run();
        for (Socket socket : waiting) {
            String answer = TestServer.all(socket);
            assertTrue(answer.startsWith("HTTP/1.1 200"), answer);
        }
        assertEquals(2, server.figure("requests_refused_total", "gpt2"));
    }

    /** When the first prompt ends, the queue is full: one exact text still runs and counts as a busy slot, and another one waits. */
    @Test void aRequestsLaterPromptsWaitIfTheQueueIsFullWhenItsOtherPromptsEnd() throws Exception {
        start(1, 1, 64 << 20);
        Runnable go = blocked();
        Batcher batcher = server.model("gpt2").batcher();
        Socket several = sent("{'prompt':['The','A'],'max_tokens':8,'ignore_eos':true}");
        while (batcher.waiting() < 1) {
            Thread.onSpinWait();
        }
        batcher.submit(exact(new SilentReceiver() {
            private boolean filled;

            @Override
            public boolean isCancelled() {
                if (!filled) {
                    batcher.submit(exact(new SilentReceiver()));
                    filled = true;
                }
                while (batcher.figures().finished() == 1 && batcher.figures().refused() == 0) {
                    Thread.onSpinWait(); // until the request has asked in vain whether there is room for its second prompt
                }
                return batcher.figures().finished() == 1;
            }
        }));
        go.run();
        String answer = TestServer.all(several);
        assertTrue(answer.startsWith("HTTP/1.1 200"), answer);
        assertEquals(3, answer.split("\"finish_reason\":\"length\"", -1).length, answer);
    }

    private Work exact(Receiver receiver) {
        return new Work(server.model("gpt2").prompts().ids("The"), server.model("gpt2").prompts(),
            SamplingOptions.DEFAULT.withMaxTokens(40).withIgnoreEos(true), Work.Mode.EXACT, OptionalInt.empty(), receiver);
    }

    @Test void onlyRoundsWithTextsCountAsSteps() {
        start(1, 4, 64 << 20);
        server.model("gpt2").batcher().call(() -> "a task");
        assertEquals(0, server.figure("step_seconds_count", "gpt2"));
        server.post("/v1/completions", "{'prompt':'The','max_tokens':8,'ignore_eos':true}");
        double together = server.figure("step_seconds_count", "gpt2");
        assertTrue(together >= 3, "steps: " + together);
        server.post("/v1/completions", "{'prompt':'The','max_tokens':8,'ignore_eos':true,'inkling':{'exact':true}}");
        assertTrue(server.figure("step_seconds_count", "gpt2") >= together + 3);
    }

    @Test void whoLeavesWhileItWaitsIsForgotten() throws Exception {
        start(1, 4, 64 << 20);
        Runnable go = blocked();
        Socket waiting = sent("{'prompt':'The','max_tokens':60,'ignore_eos':true}");
        while (server.model("gpt2").batcher().waiting() < 1) {
            Thread.onSpinWait();
        }
        waiting.close();
        go.run();
        while (server.model("gpt2").batcher().waiting() > 0 || server.figure("slots_busy", "gpt2") > 0) {
            Thread.onSpinWait();
        }
        assertTrue(server.figure("generated_tokens_total", "gpt2") < 60);
    }

    @Test void resultsAreThoseOfOneAfterTheOther() {
        start(4, 64, 64 << 20);
        List<String> asked = IntStream.range(0, 50).mapToObj(i -> ("{'prompt':'The %s','max_tokens':12,'seed':%d,'temperature':0.7,"
            + "'cache_prompt':false}").formatted(i % 3 == 0 ? "old" : "bell", i % 10)).toList();
        List<String> alone = asked.stream().map(json -> server.post("/v1/completions", json).json().get("choices").toString()).toList();
        ExecutorService clients = Executors.newFixedThreadPool(20);
        List<CompletableFuture<String>> together = asked.stream().map(json -> CompletableFuture.supplyAsync(() ->
            server.post("/v1/completions", json).json().get("choices").toString(), clients)).toList();
        for (int i = 0; i < asked.size(); i++) {
            assertEquals(alone.get(i), together.get(i).join(), asked.get(i));
        }
        clients.shutdown();
    }

    /** A chat sends all its turns each time; the server must compute only the last turn anew. */
    @Test void anEqualBeginningIsReadOnce() {
        start(2, 4, 64 << 20);
        String prompt = "Once upon a time there was an old man";
        JsonNode first = server.post("/v1/completions", "{'prompt':'" + prompt + "','max_tokens':6,'temperature':0}").json();
        assertEquals(0, cached(first));
        JsonNode again = server.post("/v1/completions", "{'prompt':'" + prompt + "','max_tokens':6,'temperature':0}").json();
        int read = again.get("usage").get("prompt_tokens").asInt();
        assertEquals(read - 1, cached(again), "all but the last, whose logits are needed");
        assertEquals(first.get("choices"), again.get("choices"));
        JsonNode longer = server.post("/v1/completions", "{'prompt':'" + prompt + first.get("choices").get(0).get("text").asText()
            .replace("\"", "").replace("\n", "") + "','max_tokens':6,'temperature':0}").json();
        assertTrue(cached(longer) >= read - 2, longer.toString());
        assertEquals(0, cached(server.post("/v1/completions", "{'prompt':'" + prompt + "','max_tokens':6,'cache_prompt':false}").json()));
        assertTrue(server.figure("prompt_tokens_cached_total", "gpt2") > 0);
    }

    private static int cached(JsonNode answer) {
        return answer.get("usage").get("prompt_tokens_details").get("cached_tokens").asInt();
    }

    /** The beginning of a request that is still running is shared, too: several samples share their whole prompt. */
    @Test void samplesOfOnePromptReadItOnce() {
        start(4, 4, 64 << 20);
        JsonNode several = server.post("/v1/completions", "{'prompt':'Once upon a time','max_tokens':10,'n':4,'seed':2}").json();
        assertEquals(several.get("usage").get("prompt_tokens").asInt(), (int) server.figure("prompt_tokens_total", "gpt2"));
        for (int i = 0; i < 4; i++) {
            assertEquals("length", several.get("choices").get(i).get("finish_reason").asText());
        }
    }

    @Test void memoryForKeysAndValuesIsBoundedAndWhatDoesNotFitWaits() {
        int sequenceBytes = 64 * 2 * 3 * 48 * 4; // tokens, keys and values, layers, channels, bytes
        start(8, 64, 2 * sequenceBytes);
        ExecutorService clients = Executors.newFixedThreadPool(8);
        List<CompletableFuture<Answer>> all = IntStream.range(0, 24).mapToObj(i -> CompletableFuture.supplyAsync(() ->
            server.post("/v1/completions", "{'prompt':'The old','max_tokens':40,'ignore_eos':true,'seed':" + i + "}"), clients)).toList();
        while (all.stream().anyMatch(one -> !one.isDone())) {
            assertTrue(server.figure("cache_bytes", "gpt2") <= 2 * sequenceBytes && server.figure("slots_busy", "gpt2") <= 2);
        }
        all.forEach(one -> assertEquals(200, one.join().status()));
        assertEquals(400, server.post("/v1/completions", "{'prompt':'The','max_tokens':60,'n':8}").status(), "it would never fit");
        clients.shutdown();
    }

    @Test void whenTheServerClosesEveryClientIsTold() throws Exception {
        start(2, 8, 64 << 20);
        Socket streaming = sent("{'prompt':'The','max_tokens':60,'ignore_eos':true,'stream':true,'temperature':0}");
        Runnable go = blocked();
        Socket waiting = sent(SIXTY_TOKENS);
        while (server.model("gpt2").batcher().waiting() < 1) {
            Thread.onSpinWait();
        }
        CompletableFuture<Void> closing = CompletableFuture.runAsync(server::close);
        while (server.model("gpt2").batcher().isOpen()) {
            Thread.onSpinWait();
        }
        go.run();
        String stream = TestServer.all(streaming);
        String whole = TestServer.all(waiting);
        closing.get(120, TimeUnit.SECONDS);
        assertTrue(stream.contains("\"error\":{\"message\"") && !stream.contains("[DONE]")
            || stream.contains("\"finish_reason\":\"length\""), stream);
        assertTrue(whole.startsWith("HTTP/1.1 503") && whole.contains("unavailable_error"), whole);
    }

    @Test void nothingIsLeftOfManyRequestsOfAllKinds() throws Exception {
        start(4, 64, 64 << 20);
        ExecutorService clients = Executors.newFixedThreadPool(8);
        List<CompletableFuture<Void>> all = IntStream.range(0, 200).mapToObj(i -> CompletableFuture.runAsync(() -> {
            try {
                mixed(i);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }, clients)).toList();
        all.forEach(CompletableFuture::join);
        clients.shutdown();
        while (server.figure("slots_busy", "gpt2") > 0 || server.figure("requests_waiting", "gpt2") > 0) {
            Thread.onSpinWait();
        }
        assertEquals(List.of(), server.faults());
        assertEquals(200, server.post("/v1/completions", "{'prompt':'The','max_tokens':2}").status());
    }

    /** Sends a request of one of several kinds; every fifth client leaves before its answer ends. */
    private void mixed(int i) throws IOException {
        if (i % 5 == 0) {
            try (Socket socket = sent("{'prompt':'The','max_tokens':50,'ignore_eos':true,'stream':%s}".formatted(i % 2 == 0))) {
                if (i % 10 == 0) {
                    assertEquals('H', socket.getInputStream().read());
                }
            }
            return;
        }
        String json = switch (i % 4) {
            case 0 -> "{'prompt':['The','A'],'n':2,'max_tokens':5}";
            case 1 -> "{'prompt':'The','max_tokens':9,'stream':true,'logprobs':2}";
            case 2 -> "{'prompt':'The old','max_tokens':3,'echo':true,'logprobs':1}";
            default -> "{'prompt':'The old','max_tokens':9,'inkling':{'exact':true}}";
        };
        assertEquals(200, server.post("/v1/completions", json).status());
    }

    @Test void aStreamThatWaitsShowsSignsOfLife() throws Exception {
        Limits limits = new Limits(100_000, 8 << 10, 16, Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofSeconds(5),
            Duration.ofMillis(50));
        server = TestServer.start(TestServer.options(1, limits), "gpt2");
        Runnable go = blocked();
        CompletableFuture<List<String>> lines = CompletableFuture.supplyAsync(() ->
            server.lines("/v1/completions", "{'prompt':'The','max_tokens':3,'stream':true}"));
        Socket other = sent("{'prompt':'The','max_tokens':3,'stream':true}");
        StringBuilder seen = new StringBuilder();
        while (!seen.toString().contains(": ping\n\n")) {
            seen.append((char) other.getInputStream().read());
        }
        go.run();
        other.close();
        for (String line : lines.join()) {
            assertTrue(line.equals(": ping") || line.startsWith("data: {") || line.equals("data: [DONE]"), line);
        }
    }
}
