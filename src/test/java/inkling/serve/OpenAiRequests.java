package inkling.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import inkling.serve.TestServer.Answer;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/** Requests as programs for OpenAI's API send them, to the server that these tests share. */
abstract class OpenAiRequests {
    static final String CHAT = "/v1/chat/completions";
    static final String TEXT = "/v1/completions";
    static final String HELLO = "'messages':[{'role':'user','content':'Hello'}],'max_tokens':8,'seed':1";
    final TestServer server = TestServer.shared();

    static String chat(String more) {
        return "{'model':'gpt2'," + HELLO + more + "}";
    }

    static String text(String more) {
        return "{'model':'gpt2','prompt':'The old man','max_tokens':8,'seed':1" + more + "}";
    }

    static List<JsonNode> choices(List<JsonNode> events) {
        return events.stream().flatMap(event -> StreamSupport.stream(event.get("choices").spliterator(), false)).toList();
    }

    static String streamed(List<JsonNode> events) {
        return choices(events).stream().map(c -> c.has("delta") ? c.get("delta").path("content").asText("") : c.get("text").asText())
            .collect(Collectors.joining());
    }

    JsonNode ok(String path, String json) {
        Answer answer = server.post(path, json);
        assertEquals(200, answer.status(), () -> json + "\n" + answer.text());
        return answer.json();
    }

    static String escaped(String text) {
        return text.replace("\"", "\\\"").replace("\n", "\\n");
    }

    Answer refused(int status, String path, String json) {
        Answer answer = server.post(path, json);
        assertEquals(status, answer.status(), answer.text());
        assertEquals("application/json", answer.header("content-type"));
        JsonNode error = answer.json().get("error");
        assertTrue(error.get("message").isTextual() && error.get("type").isTextual() && error.has("param") && error.has("code"));
        return answer;
    }
}
