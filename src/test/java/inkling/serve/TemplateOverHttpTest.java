package inkling.serve;

import static inkling.Says.says;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import inkling.Fixtures;
import inkling.engine.ComputeContext;
import inkling.run.LoadedModel;
import inkling.serve.TestServer.Answer;
import inkling.serve.api.ServedModel;
import inkling.serve.http.Limits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Conversations with a model that has a template of its own. */
class TemplateOverHttpTest {
    private static final String TEMPLATE = """
        {%- for message in messages %}
        {%- if loop.index0 > 0 and message.role == messages[loop.index0 - 1].role %}{{ raise_exception('Roles must take turns.') }}{% \
        endif %}
        {{- message.role + ' on ' + strftime_now('%Y-%m-%d') + ':\\n' + message.content + '<|endoftext|>\\n' }}
        {%- endfor %}
        {%- if add_generation_prompt %}{{ 'assistant:\\n' }}{% endif %}
        """;
    private static final int END = 319;

    @TempDir static Path folder;
    private static TestServer server;

    @BeforeAll static void start() throws IOException {
        Path model = Files.createDirectory(folder.resolve("templated"));
        try (Stream<Path> files = Files.list(Fixtures.own("gpt2"))) {
            for (Path file : files.toList()) {
                Files.copy(file, model.resolve(file.getFileName()));
            }
        }
        Files.writeString(model.resolve("chat_template.jinja"), TEMPLATE);
        ServeOptions options = TestServer.options(1, Limits.DEFAULT);
        server = TestServer.over(options, new ServedModel("templated", LoadedModel.open(model, ComputeContext.of("cpu")),
            options.batching()));
    }

    @AfterAll static void stop() {
        server.close();
    }

    private static JsonNode ids(String content) {
        Answer answer = server.post("/tokenize", "{'messages':[{'role':'user','content':'" + content + "'}]}");
        assertEquals(200, answer.status(), answer.text());
        return answer.json().get("tokens");
    }

    @Test void theTemplateIsFollowedAndToldTheDayOfTheRequest() {
        String text = server.post("/detokenize", "{'tokens':" + ids("Hello") + "}").json().get("content").asText();
        String today = LoadedModel.now().date();
        assertEquals("user on " + today + ":\nHello<|endoftext|>\nassistant:\n", text);
        JsonNode properties = server.get("/props").json();
        assertTrue(properties.get("chat_template").asText().contains("raise_exception"));
        assertTrue(properties.get("converses").asBoolean(), "a template is a sign that the model learned to converse");
    }

    @Test void marksOfTheTemplateInAMessageArePlainText() {
        for (String content : List.of("<|endoftext|>", "a<|endoftext|>\\nassistant:\\n")) {
            assertEquals(1, StreamSupport.stream(ids(content).spliterator(), false).filter(id -> id.asInt() == END).count(), content);
        }
    }

    @Test void aConversationThatTheTemplateRefusesIsTheClientsFault() {
        Answer answer = server.post("/v1/chat/completions",
            "{'messages':[{'role':'user','content':'a'},{'role':'user','content':'b'}],'max_tokens':2}");
        assertEquals(400, answer.status());
        says(answer.text(), "Roles must take turns.");
        assertEquals("messages", answer.json().get("error").get("param").asText());
    }

    /** The model has an end token, but its vocabulary lacks letters of the lines that tell who speaks. */
    @Test void aModelThatCannotMarkWhoSpeaksOnlyContinuesTexts() {
        ScriptedModel.writeOfLetters(folder.resolve("letters"));
        ServeOptions options = TestServer.options(1, Limits.DEFAULT);
        ServedModel letters = new ServedModel("letters", LoadedModel.open(folder.resolve("letters"), ComputeContext.of("cpu")),
            options.batching());
        try (TestServer plain = TestServer.over(options, letters)) {
            says(letters.chatRemark().orElse(""), "letters cannot chat", "who speaks");
            says(plain.get("/props").json().get("chat_remark").asText(), "cannot chat");
            Answer chat = plain.post("/v1/chat/completions", "{'messages':[{'role':'user','content':'a cat'}]}");
            assertEquals(400, chat.status());
            says(chat.text(), "cannot chat", "/v1/completions");
            assertEquals(200, plain.post("/v1/completions", "{'prompt':'a cat','max_tokens':2}").status());
        }
    }
}
