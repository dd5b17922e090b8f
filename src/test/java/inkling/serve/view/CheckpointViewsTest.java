package inkling.serve.view;

import static inkling.Says.says;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import inkling.TinyRun;
import inkling.checkpoint.CheckpointStore;
import inkling.checkpoint.WorkerStates;
import inkling.engine.ComputeContext;
import inkling.generate.Generation;
import inkling.generate.GenerationSession;
import inkling.generate.Generator;
import inkling.generate.SamplingOptions;
import inkling.inspect.AttentionMap;
import inkling.inspect.ForwardTrace;
import inkling.inspect.LogitLens;
import inkling.inspect.TokenScores;
import inkling.io.DurableFiles;
import inkling.run.LoadedModel;
import inkling.run.TrainRun;
import inkling.runfile.ConfigFile;
import inkling.serve.ServeOptions;
import inkling.serve.TestServer;
import inkling.serve.TestServer.Answer;
import inkling.serve.api.ServedModel;
import inkling.serve.http.Limits;
import inkling.train.TrainingListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Views of the checkpoints of a run that kept all of them. */
@Tag("training")
class CheckpointViewsTest {
    private static final String PROMPT = "All haile, Macbet";
    private static final int STEPS = 10;
    @TempDir static Path directory;
    private static Path run;
    private static TestServer server;

    @BeforeAll static void train() throws IOException {
        TinyRun.files(directory);
        TrainRun.begin(ConfigFile.read(directory.resolve("tiny.yaml"), List.of("name=kept", "data.train=" + directory.resolve("corpus.txt"),
            "model.context_length=32", "train.max_steps=" + STEPS, "train.checkpoint_interval=1", "train.keep_checkpoints=all")),
            directory, new TrainingListener() { }, () -> false);
        run = directory.resolve("kept");
        ServeOptions options = TestServer.options(2, Limits.DEFAULT);
        server = TestServer.over(options, served(run, options), served(other(), options));
    }

    private static ServedModel served(Path run, ServeOptions options) {
        return new ServedModel(run.getFileName().toString(), LoadedModel.open(run, ComputeContext.of("cpu")), options.batching());
    }

    /** A copy of the run, to change. */
    private static Path other() throws IOException {
        return copy("changed");
    }

    private static Path copy(String name) throws IOException {
        Path copy = directory.resolve(name);
        try (Stream<Path> all = Files.walk(run)) {
            for (Path path : all.toList()) {
                Files.copy(path, copy.resolve(run.relativize(path).toString()));
            }
        }
        return copy;
    }

    @AfterAll static void close() {
        server.close();
    }

    private static Path at(Path run, long step) {
        return run.resolve("step-%06d".formatted(step));
    }

    private static JsonNode ask(String view, String fields) {
        return ask("kept", view, fields);
    }

    private static JsonNode ask(String model, String view, String fields) {
        Answer answer = server.post("/inkling/v1/" + view, "{'model':'" + model + "'," + fields + "}");
        assertEquals(200, answer.status(), answer.text());
        return answer.json();
    }

    private static List<Long> steps(String model) {
        List<Long> steps = new ArrayList<>();
        server.get("/inkling/v1/checkpoints?model=" + model).json().get("checkpoints").forEach(one -> steps.add(one.get("step").asLong()));
        return steps;
    }

    private static JsonNode json(Map<String, Object> document) throws IOException {
        return new ObjectMapper().readTree(new ObjectMapper().writeValueAsString(document));
    }

    @Test void eachStepGivesWhatItsCheckpointGives() throws IOException {
        assertEquals(LongStream.rangeClosed(0, STEPS).boxed().toList(), steps("kept"));
        JsonNode curve = server.get("/inkling/v1/checkpoints?model=kept").json().get("curve");
        assertEquals(STEPS + 1, curve.size(), "a short run has every row in its curve");
        assertTrue(curve.get(0).get("val_loss").asDouble() > curve.get(STEPS).get("val_loss").asDouble(), curve.toString());
        for (long step : new long[] {0, 5, STEPS, 5}) {
            String text = "'prompt':'" + PROMPT + "','step':" + step;
            try (LoadedModel model = LoadedModel.open(at(run, step), ComputeContext.of("cpu"))) {
                int[] ids = model.requireTokenizer("test").encode(PROMPT);
                ForwardTrace trace = ForwardTrace.of(model.gpt(), model.manager(), model.tokenText(), ids);
                assertEquals(json(TokenScores.of(model.gpt(), model.manager(), model.tokenText(), ids, 5, TokenScores.LogitRows.NONE)
                    .json()),
                    ask("score", text));
                assertEquals(json(AttentionMap.of(trace).json()), ask("attention", text));
                assertEquals(json(LogitLens.of(trace, model.gpt(), model.manager(), 3).json()), ask("lens", text + ",'top':3"));
                JsonNode likeliest = ask("distribution", text).get("top").get(0);
                assertEquals(trace.nextLogits()[likeliest.get("id").asInt()], likeliest.get("logit").asDouble(), 1e-5);
                try (GenerationSession session = model.openSession()) {
                    Generation.Sample sample = session.generate(PROMPT, SamplingOptions.DEFAULT.withMaxTokens(9).withSeed(4)
                        .with(o -> o.temperature(0.9).topK(20)), Generator.Listener.NONE).samples().get(0);
                    JsonNode written = ask("sample", text + ",'seed':4,'max_tokens':9,'temperature':0.9,'top_k':20");
                    assertArrayEquals(sample.ids(), new ObjectMapper().convertValue(written.get("ids"), int[].class));
                    assertEquals(sample.text().orElseThrow(), written.get("text").asText());
                    assertEquals(step, written.get("step").asLong());
                }
            }
        }
        assertNotEquals(ask("neighbors", "'word':'e','step':0"), ask("neighbors", "'word':'e','step':10"));
        assertEquals(List.of(), server.faults());
    }

    @Test void newCheckpointsAppearAndThoseThatChangedOrWentAreNoticed() throws IOException {
        Path changed = directory.resolve("changed");
        assertEquals(STEPS, steps("changed").get(STEPS));
        TrainRun.resume(changed.toString(), directory, List.of("train.max_steps=" + (STEPS + 1)), new TrainingListener() { }, () -> false);
        JsonNode now = server.get("/inkling/v1/checkpoints?model=changed").json();
        assertEquals("train", now.get("command").asText());
        assertEquals("nats per token", now.get("loss_unit").asText());
        assertEquals(STEPS + 1, now.get("checkpoints").get(STEPS + 1).get("step").asLong());
        assertEquals(STEPS + 2, now.get("curve").size(), "the curve has the new step, too");
        String score = "'prompt':'" + PROMPT + "','step':";
        JsonNode five = ask("changed", "score", score + 5);
        JsonNode six = ask("changed", "score", score + 6);
        assertNotEquals(five, six);
        delete(at(changed, 5));
        Files.move(at(changed, 6), at(changed, 5));
        assertEquals(six, ask("changed", "score", score + 5), "the directory of step 5 now holds other weights");
        Answer gone = server.post("/inkling/v1/score", "{'model':'changed'," + score + "6}");
        assertEquals(400, gone.status());
        says(gone.json().get("error").get("message").asText(), "step", "no checkpoint");
        Files.writeString(at(changed, STEPS).resolve(WorkerStates.FILE_NAME), "{}");
        assertEquals("cluster train", server.get("/inkling/v1/checkpoints?model=changed").json().get("command").asText(), "of workers");
    }

    @ParameterizedTest
    @ValueSource(strings = {"'max_tokens':513", "'max_tokens':0", "'step':99", "'temperature':3", "'n':2", "'stream':true", "'top':3"})
    void aSampleWithAWrongFieldIsRefused(String field) {
        assertEquals(400, server.post("/inkling/v1/sample", "{'model':'kept','prompt':'All',%s}".formatted(field)).status());
    }

    /** The dashboard opens and closes the models of runs in this way. */
    @Test void aModelThatIsOpenedLaterHasItsCheckpointsTooAndClosesThem() {
        ServeOptions options = TestServer.options(2, Limits.DEFAULT);
        ServedModel later = new ServedModel("later", LoadedModel.open(run, ComputeContext.of("cpu")), options.batching());
        server.server().models().add(later);
        assertEquals(ask("score", "'prompt':'All','step':2"), ask("later", "score", "'prompt':'All','step':2"));
        assertEquals(STEPS + 1, steps("later").size());
        server.server().models().close(later);
        assertEquals(404, server.post("/inkling/v1/score", "{'model':'later','prompt':'All','step':2}").status());
        boolean[] told = {false};
        later.whenClosed(() -> told[0] = true);
        assertTrue(told[0], "an action for a model that is closed already runs at once");
    }

    @Test void aSampleEndsWithTheContext() {
        JsonNode written = ask("sample", "'prompt':'" + PROMPT + "','step':3,'max_tokens':500,'ignore_eos':true");
        assertEquals(32 - PROMPT.length(), written.get("ids").size());
        Answer full = server.post("/inkling/v1/sample", "{'model':'kept','prompt':'" + PROMPT + PROMPT + PROMPT + "','step':3}");
        assertEquals("context_length_exceeded", full.json().get("error").get("code").asText());
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    @Test void onlyAFewCheckpointsStayOpen() {
        ServedModel model = server.model("kept");
        OpenCheckpoints open = new OpenCheckpoints(model.config());
        model.batcher().call(() -> {
            List<LoadedModel> seen = new ArrayList<>();
            for (long step = 0; step <= STEPS; step++) {
                open.with(at(run, step), model.model().context(), seen::add);
                assertTrue(open.size() <= OpenCheckpoints.MOST, open.size() + " are open");
            }
            LoadedModel last = seen.get(STEPS);
            assertEquals(true, open.with(at(run, STEPS), model.model().context(), same -> same == last), "what was used last is kept");
            assertEquals(false, open.with(at(run, 0), model.model().context(), same -> same == seen.get(0)), "what was used first is not");
            open.close();
            return true;
        });
    }

    /** The dashboard opens a run again after another checkpoint has become its best. */
    @Test void aRunIsOpenedAsItIsNow() throws IOException {
        Path moving = copy("moving");
        CheckpointStore store = new CheckpointStore(moving, DurableFiles.SYSTEM);
        try (TestServer dashboard = TestServer.ofRuns(directory, TestServer.options(1, Limits.DEFAULT))) {
            for (long best : new long[] {4, 4, 9}) {
                store.markBest(best);
                assertEquals("{\"model\":\"moving\"}", dashboard.post("/inkling/v1/runs/moving/open", "{}").text());
                assertEquals(best, dashboard.get("/inkling/v1/checkpoints?model=moving").json().get("serving").asLong());
                assertEquals(1, dashboard.get("/v1/models").json().get("data").size());
            }
            store.markBest(0);
            JsonNode all = dashboard.get("/inkling/v1/checkpoints?model=moving").json().get("checkpoints");
            assertEquals(0, all.get(0).get("step").asLong());
            assertFalse(all.get(0).get("best").asBoolean(), "what was never trained is not called the best");
        }
    }
}
