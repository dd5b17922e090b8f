package inkling.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import inkling.Fixtures;
import inkling.engine.ComputeContext;
import inkling.engine.DeviceName;
import inkling.engine.Precision;
import inkling.engine.Precision.Storage;
import inkling.generate.GenerationSession;
import inkling.generate.Generator;
import inkling.generate.SamplingOptions;
import inkling.inspect.AttentionMap;
import inkling.inspect.Comparison;
import inkling.inspect.ForwardTrace;
import inkling.inspect.LogitLens;
import inkling.inspect.TokenScores;
import inkling.inspect.WordTrace;
import inkling.inspect.page.AttentionPage;
import inkling.inspect.page.LensPage;
import inkling.inspect.page.WordTracePage;
import inkling.perf.ParameterTally;
import inkling.run.LoadedModel;
import inkling.run.ModelLocation;
import inkling.serve.TestServer.Answer;
import inkling.serve.api.ServedModel;
import inkling.serve.http.Limits;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The views over HTTP are those of the commands, value by value. */
@Tag("thorough")
class ViewsOverHttpTest {
    private static final String PROMPT = "The old man";
    private final TestServer server = TestServer.shared();

    private JsonNode ask(String view, String more) {
        Answer answer = server.post("/inkling/v1/" + view, "{'model':'llama','prompt':'" + PROMPT + "'" + more + "}");
        assertEquals(200, answer.status(), answer.text());
        return answer.json();
    }

    private static JsonNode json(Map<String, Object> document) {
        try {
            return new ObjectMapper().readTree(new ObjectMapper().writeValueAsString(document));
        } catch (java.io.IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private LoadedModel model() {
        return server.model("llama").model();
    }

    private int[] ids(String text) {
        return server.model("llama").prompts().ids(text);
    }

    /** Traces the text on the model's own thread, as the server does. */
    private ForwardTrace trace(String text) {
        return server.model("llama").batcher().call(() -> ForwardTrace.of(model().gpt(), model().manager(), model().tokenText(),
            ids(text)));
    }

    @Test void attentionLensScoreAndComparisonAreThoseOfTheCommands() {
        ForwardTrace trace = trace(PROMPT);
        assertEquals(json(AttentionMap.of(trace).json()), ask("attention", ""));
        assertEquals(json(AttentionMap.of(trace).json()).get("weights").get(1).get(0), ask("attention", ",'layer':2,'head':1")
            .get("weights")
            .get(0).get(0));
        assertEquals(json(server.model("llama").batcher().call(() -> LogitLens.of(trace, model().gpt(), model().manager(), 4).json())),
            ask("lens", ",'top':4"));
        assertEquals(json(server.model("llama").batcher().call(() -> TokenScores.of(model().gpt(), model().manager(), model().tokenText(),
            ids(PROMPT), 3, TokenScores.LogitRows.NONE).json())), ask("score", ",'top':3"));
        assertEquals(json(Comparison.of(trace, trace("Once. " + PROMPT), 6).json()), ask("compare", ",'with':'Once. ','top':6"));
    }

    /** With {@code form: page} a view has the data that the command's HTML page draws; the live pages draw it, too. */
    @Test void aViewCanBeAskedForInTheFormThatPagesDraw() {
        ForwardTrace trace = trace(PROMPT);
        assertEquals(json(AttentionPage.data(AttentionMap.of(trace), OptionalInt.empty(), OptionalInt.of(2))),
            ask("attention", ",'form':'page','head':2"));
        LogitLens lens = server.model("llama").batcher().call(() -> LogitLens.of(trace, model().gpt(), model().manager(), 4, 1));
        assertEquals(json(LensPage.data(lens)), ask("lens", ",'top':4,'form':'page','last':" + (trace.length() - 1)));
        JsonNode whole = ask("lens", ",'top':4");
        JsonNode last = ask("lens", ",'top':4,'last':1").get("layers").get(1).get("positions");
        assertEquals(1, last.size());
        JsonNode expected = whole.get("layers").get(1).get("positions").get(trace.length() - 1);
        assertEquals(expected.get("kl_bits").asDouble(), last.get(0).get("kl_bits").asDouble(), 1e-5);
        assertEquals(expected.get("top").get(3).get("id"), last.get(0).get("top").get(3).get("id"));
        String other = "A man";
        WordTrace word = WordTrace.of("man", WordTrace.find("man", PROMPT, trace, server.model("llama").tokenizer()),
            WordTrace.find("man", other, trace(other), server.model("llama").tokenizer()));
        assertEquals(json(word.json()), ask("trace", ",'word':'man','other':'A man'"));
        assertEquals(json(WordTracePage.data(word)), ask("trace", ",'word':'man','other':'A man','form':'page'"));
        assertEquals(400, server.post("/inkling/v1/trace", "{'model':'llama','prompt':'A man','word':'boat','other':'A man'}").status());
        assertEquals(400, server.post("/inkling/v1/lens", "{'model':'llama','prompt':'A man','form':'table'}").status());
    }

    @Test void parametersAreThoseOfTheCommandAndAddUpByPlace() {
        for (String name : List.of("gpt2", "llama")) {
            JsonNode tally = server.get("/inkling/v1/parameters?model=" + name).json();
            assertEquals(ParameterTally.of(server.model(name).config()).toJson().toString(), tally.toString());
            long sum = 0;
            for (JsonNode place : tally.get("places")) {
                for (String kind : List.of("embedding", "attention", "mlp", "norms")) {
                    sum += place.path(kind).asLong();
                }
            }
            assertEquals(server.model(name).model().gpt().parameters().count(), sum, name);
        }
    }

    /** Bits per character are the bits of all tokens but the first, divided by the number of characters in their text. */
    @Test void aScoreTellsBitsPerCharacter() {
        JsonNode score = ask("score", "");
        double nats = 0;
        for (JsonNode position : score.get("positions")) {
            nats -= position.get("logprob").asDouble();
        }
        int first = server.model("llama").tokenizer().piece(score.get("ids").get(0).asInt()).strip().length();
        assertEquals(nats / Math.log(2) / (PROMPT.length() - first), score.get("bits_per_character").asDouble(), 1e-9);
        assertEquals(Math.exp(score.get("loss").asDouble()), score.get("perplexity").asDouble(), 1e-9);
    }

    /** The lens would have more candidates than the server sends; the model has no layer 9. */
    @Test void aViewThatIsTooLargeOrOfNoLayerIsRefused() {
        Answer answer = server.post("/inkling/v1/lens", "{'model':'llama','ids':[" + "5,".repeat(60) + "5],'top':1000}");
        assertEquals(400, answer.status(), answer.text());
        assertEquals("top", answer.json().get("error").get("param").asText());
        assertEquals(400, server.post("/inkling/v1/attention", "{'model':'llama','prompt':'a','layer':9}").status());
    }

    @Test void theDistributionTellsWhatSamplingKeepsAndRemoves() {
        JsonNode all = ask("distribution", ",'top':320");
        double sum = 0;
        for (JsonNode entry : all.get("top")) {
            sum += entry.get("probability").asDouble();
        }
        assertEquals(1, sum, 1e-9);
        assertEquals(0, all.get("rest").asDouble(), 1e-9);
        assertEquals(trace(PROMPT).nextLogits()[all.get("top").get(0).get("id").asInt()], all.get("top").get(0).get("logit").asDouble(),
            1e-5);
        JsonNode cut = ask("distribution", ",'top':10,'temperature':0.5,'top_k':3");
        assertEquals(3, cut.get("kept").asInt());
        assertEquals("top-k 3", cut.get("removals").get(0).get("by").asText());
        assertTrue(!cut.get("top").get(5).get("kept").asBoolean() && cut.get("top").get(5).get("untruncated").asDouble() > 0);
    }

    @Test void aTextMayComeAsIdsOrAsAConversation() {
        String ids = server.post("/tokenize", "{'model':'llama','content':'" + PROMPT + "'}").json().get("tokens").toString();
        assertEquals(ask("lens", ""), server.post("/inkling/v1/lens", "{'model':'llama','ids':" + ids + "}").json());
        assertEquals(200, server.post("/inkling/v1/attention", "{'model':'llama','messages':[{'role':'user','content':'a'}]}").status());
    }

    @Test void neighborsAreFoundInTheEmbedding() {
        JsonNode found = server.post("/inkling/v1/neighbors", "{'model':'llama','word':'the','top':4}").json().get("results");
        assertEquals(4, found.size());
        assertTrue(found.get(0).get("similarity").asDouble() >= found.get(3).get("similarity").asDouble());
        int id = found.get(0).get("id").asInt();
        JsonNode back = server.post("/inkling/v1/neighbors", "{'model':'llama','id':" + id + ",'top':319}").json();
        assertEquals(found.get(0).get("token"), back.get("word"));
        assertEquals(400, server.post("/inkling/v1/neighbors", "{'model':'llama','id':3,'word':'the'}").status());
        assertEquals(400, server.post("/inkling/v1/neighbors", "{'model':'llama','id':99999}").status());
    }

    @ParameterizedTest
    @ValueSource(strings = {"{'model':'llama'}", "{'model':'llama','prompt':'a','ids':[1]}", "{'model':'llama','ids':[99999]}",
        "{'model':'llama','ids':[]}", "{'model':'llama','ids':'x'}", "{'model':'llama','prompt':''}",
        "{'model':'llama','prompt':'a','top':0}",
        "{'model':'llama','prompt':'a','top':100000}", "{'model':'llama','prompt':'a','step':5}",
        "{'model':'llama','prompt':'a','path':'/etc'}"})
    void whatCannotBeShownIsRefused(String json) {
        Answer answer = server.post("/inkling/v1/lens", json);
        assertEquals(400, answer.status(), answer.text());
    }

    /**
     * With weights stored in two bytes each, or in one, completions and views are answered, and an exact answer is still the text of {@code
     * sample}.
     */
    @ParameterizedTest
    @EnumSource(value = Storage.class, names = {"BF16", "INT8"})
    void weightsMayBeKeptShorter(Storage storage) {
        ServeOptions options = TestServer.options(2, Limits.DEFAULT);
        ComputeContext context = ComputeContext.of(new DeviceName("cpu"), OptionalInt.empty(), Precision.storing(storage));
        LoadedModel kept = LoadedModel.open(ModelLocation.of(Fixtures.own("llama"), Optional.empty()), Optional.empty(), context);
        String expected;
        try (GenerationSession session = kept.openSession()) {
            expected = session.generate("The old", SamplingOptions.DEFAULT.withMaxTokens(12).withSeed(3), Generator.Listener.NONE).samples()
                .get(0).text().orElseThrow();
        }
        try (TestServer shorter = TestServer.over(options, new ServedModel("llama", kept, options.batching()))) {
            JsonNode exact = shorter.post("/v1/completions",
                "{'prompt':'The old','max_tokens':12,'temperature':0.8,'seed':3,'inkling':{'exact':true}}").json();
            assertEquals(expected, exact.get("choices").get(0).get("text").asText());
            assertEquals(200, shorter.post("/v1/completions", "{'prompt':'The old','max_tokens':8,'n':2,'echo':true,'logprobs':2}")
                .status());
            for (String view : List.of("distribution", "attention", "lens", "score")) {
                assertEquals(200, shorter.post("/inkling/v1/" + view, "{'prompt':'The old'}").status(), view);
            }
            assertEquals(200, shorter.post("/inkling/v1/neighbors", "{'word':'the'}").status());
            assertEquals(List.of(), shorter.faults());
        }
    }

    @Test void aModelThatIsNoRunHasNoCheckpoints() {
        JsonNode none = server.get("/inkling/v1/checkpoints?model=llama").json();
        assertTrue(none.get("run").isNull() && none.get("checkpoints").isEmpty());
    }
}
