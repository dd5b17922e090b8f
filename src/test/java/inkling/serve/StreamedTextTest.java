package inkling.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import inkling.engine.ComputeContext;
import inkling.run.LoadedModel;
import inkling.serve.api.ServedModel;
import inkling.serve.http.Limits;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Characters whose bytes are spread over tokens, and stop strings with such characters. */
class StreamedTextTest {
    @TempDir static Path folder;
    private static TestServer server;

    @BeforeAll static void start() {
        ScriptedModel.write("a\uD83D\uDE00b\u20ACc\u00E9d", folder.resolve("script"));
        ServeOptions options = TestServer.options(2, Limits.DEFAULT);
        server = TestServer.over(options, new ServedModel("script",
            LoadedModel.open(folder.resolve("script"), ComputeContext.of("cpu")), options.batching()));
    }

    /** The weights are in memory, so the files may be deleted. */
    @Test void theModelsFilesMayGoWhileItServes() throws IOException {
        Path model = folder.resolve("script");
        try (Stream<Path> files = Files.list(model)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        everyChunkIsWholeCharactersAndTogetherTheyAreTheText();
        assertEquals(200, server.get("/props").status());
        assertEquals(200, server.post("/inkling/v1/lens", "{'prompt':'ab'}").status());
    }

    @AfterAll static void stop() {
        server.close();
    }

    private static String streamed(List<JsonNode> events) {
        StringBuilder text = new StringBuilder();
        events.forEach(event -> text.append(event.get("choices").get(0).get("text").asText()));
        return text.toString();
    }

    @Test void everyChunkIsWholeCharactersAndTogetherTheyAreTheText() {
        String json = "{'prompt':'a','temperature':0,'max_tokens':39,'cache_prompt':false%s}";
        String whole = server.post("/v1/completions", json.formatted("")).json().get("choices").get(0).get("text").asText();
        assertTrue(whole.startsWith("\uD83D\uDE00b\u20ACc\u00E9da\uD83D\uDE00"), whole);
        List<JsonNode> events = server.events("/v1/completions", json.formatted(",'stream':true"));
        events.forEach(event -> assertFalse(event.toString().contains("\uFFFD"), event.toString()));
        events.forEach(event -> {
            String piece = event.get("choices").get(0).get("text").asText();
            assertEquals(piece, new String(piece.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8));
        });
        assertEquals(whole, streamed(events));
    }

    @Test void aTextThatEndsWithinACharacterTellsSoOnce() {
        String json = "{'prompt':'a','temperature':0,'max_tokens':2%s}";
        String whole = server.post("/v1/completions", json.formatted("")).json().get("choices").get(0).get("text").asText();
        assertEquals("\uFFFD", whole);
        assertEquals(whole, streamed(server.events("/v1/completions", json.formatted(",'stream':true"))));
    }

    /** The bias makes the first byte of a character the likeliest token; the penalty then makes it less likely than the end token. */
    @Test void anEndTokenWithinACharacterIsNotAmongTheTokens() {
        int end = server.model("script").prompts().special().ends().iterator().next();
        String json = ("{'prompt':'a','temperature':0,'max_tokens':5,'logprobs':0,'presence_penalty':2,'logit_bias':{'%d':100,'%d':99}%%s}")
            .formatted(id("\uD83D\uDE00"), end);
        JsonNode choice = server.post("/v1/completions", json.formatted("")).json().get("choices").get(0);
        assertEquals("\uFFFD", choice.get("text").asText());
        assertEquals("stop", choice.get("finish_reason").asText());
        assertEquals("[\"bytes:\\\\xf0\"]", choice.get("logprobs").get("tokens").toString());
    }

    @Test void aStopStringOfSuchCharactersIsCutOutWhole() {
        for (String stop : List.of("\uD83D\uDE00", "b\u20AC", "\u20ACc\u00E9", "\u00E9da\uD83D\uDE00")) {
            String json = "{'prompt':'a','temperature':0,'max_tokens':40,'logprobs':0,'stop':'" + stop + "'%s}";
            String all = "\uD83D\uDE00b\u20ACc\u00E9da\uD83D\uDE00b";
            String expected = all.substring(0, all.indexOf(stop));
            JsonNode choice = server.post("/v1/completions", json.formatted("")).json().get("choices").get(0);
            assertEquals(expected, choice.get("text").asText());
            assertEquals("stop", choice.get("finish_reason").asText());
            List<JsonNode> events = server.events("/v1/completions", json.formatted(",'stream':true"));
            assertEquals(expected, streamed(events));
            List<String> tokens = new ArrayList<>();
            events.forEach(event -> event.get("choices").get(0).path("logprobs").path("tokens").forEach(t -> tokens.add(t.asText())));
            List<String> expectedTokens = new ArrayList<>();
            choice.get("logprobs").get("tokens").forEach(t -> expectedTokens.add(t.asText()));
            assertEquals(expectedTokens, tokens);
        }
    }

    /** The bytes of all tokens together are the text, even if a token is only a part of a character. */
    @Test void theBytesOfAllTokensAreTheText() {
        JsonNode choice = server.post("/v1/chat/completions", "{'messages':[{'role':'user','content':'a'}],'temperature':0,'max_tokens':30,"
            + "'logprobs':true,'logit_bias':{'" + id("a") + "':5}}").json().get("choices").get(0);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (JsonNode token : choice.get("logprobs").get("content")) {
            token.get("bytes").forEach(b -> bytes.write(b.asInt()));
            boolean half = token.get("token").asText().startsWith("bytes:");
            assertEquals(half ? 1 : token.get("token").asText().getBytes(StandardCharsets.UTF_8).length, token.get("bytes").size());
        }
        assertEquals(choice.get("message").get("content").asText(), bytes.toString(StandardCharsets.UTF_8));
    }

    private static int id(String text) {
        return server.post("/tokenize", "{'content':'" + text + "'}").json().get("tokens").get(0).asInt();
    }

    @Test void offsetsCountCharactersOfTheText() {
        JsonNode choice = server.post("/v1/completions", "{'prompt':'a','temperature':0,'max_tokens':7,'logprobs':0,'echo':true}").json()
            .get("choices").get(0);
        assertEquals("a\uD83D\uDE00b\uFFFD", choice.get("text").asText());
        assertEquals("[0,1,1,1,1,2,3,3]", choice.get("logprobs").get("text_offset").toString());
        assertEquals("\"bytes:\\\\xf0\"", choice.get("logprobs").get("tokens").get(1).toString());
    }

    /** A face is one character of four tokens. The answer has all tokens of the last face, but not "b", which begins the stop string. */
    @Test void aStreamCountsAsTheWholeAnswerDoes() {
        String json = "{'prompt':'\uD83D\uDE00c\u00E9d','temperature':0,'max_tokens':40,'logprobs':0,'echo':true,'stop':'b\u20AC'%s}";
        JsonNode choice = server.post("/v1/completions", json.formatted("")).json().get("choices").get(0);
        assertEquals("\uD83D\uDE00c\u00E9da\uD83D\uDE00", choice.get("text").asText());
        assertEquals("[0,0,0,0,1,2,2,3,4,5,5,5,5]", choice.at("/logprobs/text_offset").toString());
        List<Integer> streamed = new ArrayList<>();
        server.events("/v1/completions", json.formatted(",'stream':true")).forEach(event ->
            event.get("choices").get(0).at("/logprobs/text_offset").forEach(offset -> streamed.add(offset.asInt())));
        assertEquals(List.of(0, 0, 0, 0, 1, 2, 2, 3, 4, 5, 5, 5, 5), streamed);
    }
}
