package inkling.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import inkling.engine.ComputeContext;
import inkling.generate.Sampler;
import inkling.generate.SamplingOptions;
import inkling.inspect.TokenScores;
import inkling.run.LoadedModel;
import inkling.serve.TestServer.Answer;
import inkling.serve.api.ServedModel;
import inkling.serve.http.Limits;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The request field {@code inkling.tokens}, which adds ids and progress to an answer, and further things that pages ask for. */
@Tag("thorough")
class TokensOverHttpTest {
    private final TestServer server = TestServer.shared();

    private static List<Integer> ids(JsonNode tokens) {
        List<Integer> ids = new ArrayList<>();
        tokens.forEach(token -> ids.add(token.get("id").asInt()));
        return ids;
    }

    private static String text(JsonNode tokens) {
        StringBuilder text = new StringBuilder();
        tokens.forEach(token -> text.append(token.get("text").asText()));
        return text.toString();
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt2", "llama"})
    void aStreamTellsThePromptsTokensAndThoseThatItDraws(String model) {
        String asked = "{'model':'" + model + "','prompt':'The old man','max_tokens':12,'seed':4,'logprobs':0,'inkling':{'tokens':true}";
        List<JsonNode> events = server.events("/v1/completions", asked + ",'stream':true}");
        JsonNode prompt = events.get(0).get("inkling").get("prompts").get(0);
        assertEquals(0, events.get(0).get("choices").size());
        assertEquals(IntStream.of(server.model(model).prompts().ids("The old man")).boxed().toList(), ids(prompt));
        assertEquals("The old man", text(prompt));
        List<Integer> drawn = new ArrayList<>();
        StringBuilder text = new StringBuilder();
        for (JsonNode event : events) {
            for (JsonNode choice : event.get("choices")) {
                text.append(choice.get("text").asText());
                if (choice.has("inkling")) {
                    drawn.addAll(ids(choice.get("inkling").get("tokens")));
                    assertEquals(choice.get("logprobs").get("token_logprobs").get(0).asDouble(),
                        choice.get("inkling").get("tokens").get(0).get("logprob").asDouble());
                }
            }
        }
        JsonNode whole = server.post("/v1/completions", asked + "}").json();
        JsonNode tokens = whole.get("choices").get(0).get("inkling").get("tokens");
        assertEquals(12, drawn.size());
        assertEquals(drawn, ids(tokens));
        assertEquals(text.toString(), text(tokens));
        assertEquals(prompt, whole.get("inkling").get("prompts").get(0));
    }

    @Test void clientsThatDidNotAskGetNoTokens() {
        List<JsonNode> events = server.events("/v1/completions", "{'model':'gpt2','prompt':'The','max_tokens':4,'stream':true}");
        events.forEach(event -> assertTrue(!event.has("inkling") && event.get("choices").size() == 1
            && !event.get("choices").get(0).has("inkling"), event.toString()));
        assertTrue(!server.post("/v1/completions", "{'model':'gpt2','prompt':'The','max_tokens':4}").json().get("inkling").has("prompts"));
    }

    @Test void anAnswerMayBeginWithTokensOfTheClients() {
        String asked = "{'model':'gpt2','messages':[{'role':'user','content':'Who are "
            + "you?'}],'max_tokens':6,'seed':1,'inkling':{'tokens':true%s}}";
        JsonNode plain = server.post("/v1/chat/completions", asked.formatted("")).json();
        int[] begin = server.model("gpt2").prompts().ids("The");
        JsonNode begun = server.post("/v1/chat/completions", asked.formatted(",'begin':" + Arrays.toString(begin))).json();
        List<Integer> expected = new ArrayList<>(ids(plain.get("inkling").get("prompts").get(0)));
        IntStream.of(begin).forEach(expected::add);
        assertEquals(expected, ids(begun.get("inkling").get("prompts").get(0)));
        Answer refused = server.post("/v1/chat/completions", asked.formatted(",'begin':[99999]"));
        assertEquals("inkling.begin", refused.json().get("error").get("param").asText());
        assertEquals(400, server.post("/v1/completions", "{'model':'gpt2','prompt':'a','inkling':{'begin':[1]}}").status());
    }

    /** A long prompt is read in parts. After each part but the last, the stream tells how much is read. */
    @Test void theProgressThroughALongPromptIsTold(@TempDir Path folder) {
        ScriptedModel.write("abcd", folder.resolve("script"));
        ServeOptions options = TestServer.options(1, Limits.DEFAULT);
        LoadedModel model = LoadedModel.open(folder.resolve("script"), ComputeContext.of("cpu"));
        try (TestServer scripted = TestServer.over(options, new ServedModel("script", model, options.batching()))) {
            List<String> reading = scripted.events("/v1/completions", "{'prompt':'" + "abcd".repeat(75)
                    + "','max_tokens':2,'stream':true,'inkling':{'tokens':true}}").stream()
                .map(event -> event.path("inkling")).filter(own -> own.has("read"))
                .map(own -> "%d: %d of %d".formatted(own.get("index").asInt(), own.get("read").asInt(), own.get("of").asInt())).toList();
            assertEquals(List.of("0: 128 of 300", "0: 256 of 300"), reading);
        }
    }

    @Test void allLogitsOfADistributionCanBeAskedFor() {
        JsonNode json = server.post("/inkling/v1/distribution", "{'model':'llama','prompt':'The old','logits':true,'top':5}").json();
        float[] logits = new float[server.model("llama").config().vocabSize()];
        ByteBuffer.wrap(Base64.getDecoder().decode(json.get("logits").asText())).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(logits);
        for (JsonNode entry : json.get("top")) {
            assertEquals(entry.get("logit").floatValue(), logits[entry.get("id").asInt()]);
        }
        double first = Sampler.of(SamplingOptions.DEFAULT.with(o -> o.temperature(1))).candidates(logits, new BitSet()).distribution()
            .probability(json.get("top").get(0).get("id").asInt());
        assertEquals(first, json.get("top").get(0).get("probability").asDouble(), 1e-12);
    }

    /** The saved page tells the settings of sampling, and shows each token from {@code from} on with its rank. */
    @Test void aTextCanBeSavedAsOneHtmlFile() {
        LoadedModel model = server.model("llama").model();
        int[] ids = server.model("llama").prompts().ids("The old man and the");
        String html = server.post("/inkling/v1/transcript", "{'model':'llama','ids':" + Arrays.toString(ids)
            + ",'from':2,'temperature':0.5,'top_k':7,'seed':3}").json().get("html").asText();
        assertTrue(html.contains("temperature 0.5 · top-k 7 · seed 3"), html.substring(0, 400));
        TokenScores scores = server.model("llama").batcher().call(() ->
            TokenScores.of(model.gpt(), model.manager(), model.tokenText(), ids, 1, TokenScores.LogitRows.NONE));
        assertEquals(ids.length - 2, html.split("role=\"option\"", -1).length - 1);
        assertTrue(html.contains("\"rank\":" + scores.positions().get(2).score().orElseThrow().rank() + ","), "the page has another rank");
        assertEquals(400, server.post("/inkling/v1/transcript", "{'model':'llama','ids':[1,2],'from':2}").status());
    }
}
