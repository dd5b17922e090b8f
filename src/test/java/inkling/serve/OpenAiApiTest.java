package inkling.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import inkling.Says;
import inkling.serve.TestServer.Answer;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The API's answers, as OpenAI's clients rely on them. */
class OpenAiApiTest extends OpenAiRequests {
    @Test void anAnswerHasEverythingThatClientsRead() {
        JsonNode answer = ok(CHAT, chat(""));
        assertTrue(answer.get("id").asText().startsWith("chatcmpl-"));
        assertEquals("chat.completion", answer.get("object").asText());
        assertTrue(answer.get("created").isIntegralNumber(), "a fraction breaks openai-java");
        assertEquals("gpt2", answer.get("model").asText());
        JsonNode choice = answer.get("choices").get(0);
        assertEquals(0, choice.get("index").asInt());
        assertEquals("assistant", choice.get("message").get("role").asText());
        assertTrue(choice.get("message").has("refusal") && choice.get("message").get("refusal").isNull());
        assertTrue(choice.has("logprobs") && choice.get("logprobs").isNull());
        assertEquals("length", choice.get("finish_reason").asText());
        JsonNode usage = answer.get("usage");
        assertEquals(8, usage.get("completion_tokens").asInt());
        assertEquals(usage.get("total_tokens").asInt(), usage.get("prompt_tokens").asInt() + 8);
        assertTrue(usage.get("prompt_tokens_details").has("cached_tokens"));

        JsonNode text = ok(TEXT, text(""));
        assertTrue(text.get("id").asText().startsWith("cmpl-"));
        assertEquals("text_completion", text.get("object").asText());
        assertFalse(text.get("choices").get(0).get("text").asText().isEmpty());
        assertTrue(text.has("usage"));
    }

    @Test void aStreamIsChunksThatEveryClientAccepts() {
        Answer raw = server.post(CHAT, chat(",'stream':true,'cache_prompt':false"));
        assertEquals("text/event-stream; charset=utf-8", raw.header("content-type"));
        assertEquals("no-cache", raw.header("cache-control"));
        assertTrue(raw.text().endsWith("data: [DONE]\n\n"));
        List<JsonNode> events = server.events(CHAT, chat(",'stream':true,'cache_prompt':false"));
        assertEquals(1, events.stream().map(e -> e.get("id").asText() + e.get("created")).distinct().count());
        events.forEach(event -> {
            assertEquals("chat.completion.chunk", event.get("object").asText());
            assertFalse(event.has("usage"), "only where it is asked for");
            assertFalse(event.has("error"), "even null breaks openai-java");
            assertTrue(event.get("choices").get(0).has("index"));
        });
        JsonNode first = events.get(0).get("choices").get(0);
        assertEquals("assistant", first.get("delta").get("role").asText());
        assertEquals("", first.get("delta").get("content").asText("?"));
        JsonNode last = events.get(events.size() - 1).get("choices").get(0);
        assertTrue(last.get("delta").isEmpty());
        assertEquals("length", last.get("finish_reason").asText());
        events.subList(0, events.size() - 1).forEach(event ->
            assertTrue(event.get("choices").get(0).get("finish_reason").isNull(), "null until the end, never empty"));
        assertEquals(ok(CHAT, chat(",'cache_prompt':false")).get("choices").get(0).get("message").get("content").asText(),
            streamed(events));
    }

    @Test void usageComesInAChunkOfItsOwnWithNoChoices() {
        List<JsonNode> events = server.events(CHAT, chat(",'stream':true,'stream_options':{'include_usage':true}"));
        JsonNode last = events.get(events.size() - 1);
        assertTrue(last.get("choices").isArray() && last.get("choices").isEmpty());
        assertEquals(8, last.get("usage").get("completion_tokens").asInt());
        events.subList(0, events.size() - 1).forEach(event -> assertTrue(event.has("usage") && event.get("usage").isNull()));
    }

    @Test void eachChoiceOfSeveralEndsOnceAndSamplesDiffer() {
        List<JsonNode> choices = choices(server.events(TEXT, text(",'n':3,'stream':true,'temperature':2")));
        for (int index = 0; index < 3; index++) {
            int one = index;
            assertEquals(1, choices.stream().filter(c -> c.get("index").asInt() == one && !c.get("finish_reason").isNull()).count());
        }
        JsonNode whole = ok(TEXT, "{'model':'gpt2','prompt':['The old','A','One'],'n':2,'max_tokens':6,'seed':3,'temperature':2}");
        assertEquals(6, whole.get("choices").size());
        assertEquals(36, whole.get("usage").get("completion_tokens").asInt());
        assertNotEquals(whole.get("choices").get(0).get("text"), whole.get("choices").get(1).get("text"));
        assertEquals(5, whole.get("choices").get(5).get("index").asInt());
    }

    @Test void anUpgradeThatIsOfferedIsNotTaken() throws Exception {
        String body = chat("").replace('\'', '"');
        String answer = server.raw("POST %s HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\n"
            .formatted(CHAT) + ("HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA\r\nContent-Type: "
            + "application/json\r\nContent-Length: %d\r\n\r\n%s")
            .formatted(body.length(), body));
        assertTrue(answer.startsWith("HTTP/1.1 200"), answer);
        assertTrue(answer.contains("chat.completion"));
    }

    @Test void aBodyInChunksIsRead() throws Exception {
        String body = chat("").replace('\'', '"');
        String chunked = "%x\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n".formatted(10, body.substring(0, 10), body.length() - 10, body.substring(10));
        String answer = server.raw("POST %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n"
            .formatted(CHAT) + "Transfer-Encoding: chunked\r\n\r\n" + chunked);
        assertTrue(answer.startsWith("HTTP/1.1 200"), answer);
    }

    @Test void aBadRequestForAStreamIsARealRefusal() {
        refused(400, CHAT, chat(",'stream':true,'temperature':3"));
        refused(404, CHAT, "{'model':'other','stream':true,'messages':[{'role':'user','content':'x'}]}");
    }

    @Test void aTooLongPromptIsToldWithItsCode() {
        String words = "word ".repeat(80);
        Answer answer = refused(400, TEXT, "{'model':'gpt2','prompt':'" + words + "'}");
        assertEquals("context_length_exceeded", answer.json().get("error").get("code").asText());
        Says.says(answer.text(), "64");
        assertEquals("context_length_exceeded", refused(400, CHAT, "{'model':'gpt2','messages':[{'role':'user','content':'" + words
            + "'}]}")
            .json().get("error").get("code").asText());
    }

    /** Prompts of one token less than the context, of the whole context, of one token more, and of ten contexts. */
    @ParameterizedTest
    @CsvSource({"63, 200", "64, 400", "65, 400", "640, 400"})
    void aPromptLeavesRoomForAToken(int tokens, int status) {
        String ids = "[" + "5,".repeat(tokens - 1) + "5]";
        Answer answer = server.post(TEXT, "{'model':'gpt2','max_tokens':10,'prompt':" + ids + "}");
        assertEquals(status, answer.status(), answer.text());
        if (status == 200) {
            assertEquals(1, answer.json().get("usage").get("completion_tokens").asInt());
            assertEquals("length", answer.json().get("choices").get(0).get("finish_reason").asText());
        }
        Answer echoed = server.post(TEXT, "{'model':'gpt2','max_tokens':0,'echo':true,'logprobs':0,'prompt':" + ids + "}");
        assertEquals(tokens <= 64 ? 200 : 400, echoed.status());
        if (tokens > 64) {
            Says.says(echoed.text(), tokens + " tokens", "64");
        }
    }

    @Test void modelsAreListedAndFoundByName() {
        JsonNode list = server.get("/v1/models").json();
        assertEquals("list", list.get("object").asText());
        List<String> names = new ArrayList<>();
        list.get("data").forEach(model -> names.add(model.get("id").asText()));
        assertEquals(List.of("gpt2", "llama"), names);
        assertTrue(list.get("data").get(0).get("created").isIntegralNumber());
        assertEquals("llama", server.get("/v1/models/llama").json().get("id").asText());
        assertEquals("model_not_found", server.get("/v1/models/other").json().get("error").get("code").asText());
        assertEquals("model_not_found", refused(404, TEXT, "{'model':'other','prompt':'x'}").json().get("error").get("code").asText());
        assertEquals("model", refused(400, TEXT, "{'prompt':'x'}").json().get("error").get("param").asText(),
            "with two models, a request must name one");
        assertEquals("llama", ok(TEXT, "{'model':'llama','prompt':'The','max_tokens':2}").get("model").asText());
    }

    @ParameterizedTest
    @ValueSource(strings = {"/completions", "/chat/completions", "/models"})
    void pathsWorkWithoutTheVersion(String path) {
        Answer answer = path.equals("/models") ? server.get(path)
            : server.post(path, path.equals("/completions") ? text("") : chat(""));
        assertEquals(200, answer.status(), answer.text());
    }

    @Test void anyKeyIsAcceptedWhereNoneIsSet() {
        HttpRequest request = server.request("/v1/models").header("Authorization", "Bearer sk-anything").build();
        assertEquals(200, server.send(request).status());
    }

    @Test void unknownPathsAndWrongMethodsAreRefused() {
        assertEquals("not_found_error", server.get("/v1/embeddings").json().get("error").get("type").asText());
        assertEquals(405, server.get(TEXT).status());
        assertEquals(405, server.post("/health", "{}").status());
    }

    @Test void onlyJsonIsRead() {
        for (String type : List.of("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x")) {
            HttpRequest request = HttpRequest.newBuilder(URI.create(server.uri(TEXT).toString())).header("Content-Type", type)
                .POST(BodyPublishers.ofString(text("").replace('\'', '"'))).build();
            Answer answer = server.send(request);
            assertEquals(415, answer.status(), type);
            assertEquals(Optional.empty(), answer.response().headers().firstValue("Connection"), "the connection can serve more requests");
        }
    }

    /** On Windows, too: {@code -Dline.separator} makes a Java elsewhere write lines as there. */
    @Test void theFiguresHaveTheLineEndsThatPrometheusDemands() {
        String figures = server.get("/metrics").text();
        assertTrue(figures.contains("\n# TYPE inkling_step_seconds histogram\n") && figures.endsWith("\n"), figures);
        assertFalse(figures.contains("\r"), figures);
    }

    @Test void tokensAreShownAndPutTogether() {
        JsonNode tokens = ok("/tokenize", "{'model':'gpt2','content':'The old man'}");
        assertEquals("The old man", ok("/detokenize", "{'model':'gpt2','tokens':" + tokens.get("tokens") + "}").get("content").asText());
        assertEquals(tokens.get("count").asInt(), tokens.get("tokens").size());
        assertTrue(ok("/tokenize", "{'model':'gpt2','content':'The','with_pieces':true}").get("tokens").get(0).has("piece"));
        assertEquals(400, server.post("/detokenize", "{'model':'gpt2','tokens':[99999]}").status());
        JsonNode properties = server.get("/props?model=gpt2").json();
        assertEquals(64, properties.get("n_ctx").asInt());
        assertTrue(properties.get("beginning").asText().startsWith("The old man looked"), properties.toString());
        assertFalse(properties.get("converses").asBoolean(), "nothing says that the model learned to converse");
        assertEquals("ok", server.get("/health").json().get("status").asText());
    }

    /** If a message holds the name of a special token, that name stays plain characters, in every role and form. */
    @Test void whatPeopleWriteNeverBecomesASpecialToken() {
        int end = server.model("gpt2").tokenizer().endOfText().orElseThrow();
        for (String content : List.of("<|endoftext|>", "<|im_end|>", "<|user|>", "<|assistant|>", "[/INST]", "</s>")) {
            for (String role : List.of("system", "user", "assistant", "developer")) {
                JsonNode with = ids("[{'role':'" + role + "','content':'a" + content + "b'}]");
                JsonNode parts = ids("[{'role':'" + role + "','content':[{'type':'text','text':'a" + content + "b'}]}]");
                JsonNode plain = ids("[{'role':'" + role + "','content':'ab'}]");
                assertEquals(with, parts);
                assertEquals(count(plain, end), count(with, end), content + " of " + role);
                String text = ok("/detokenize", "{'model':'gpt2','tokens':" + with + "}").get("content").asText();
                assertTrue(text.contains("a" + content + "b"), text);
            }
        }
    }

    private JsonNode ids(String messages) {
        return ok("/tokenize", "{'model':'gpt2','messages':" + messages + "}").get("tokens");
    }

    private static long count(JsonNode ids, int id) {
        return StreamSupport.stream(ids.spliterator(), false).filter(one -> one.asInt() == id).count();
    }
}
