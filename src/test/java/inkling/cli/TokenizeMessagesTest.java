package inkling.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.Fixtures;
import inkling.data.chat.OwnChatTemplate;
import inkling.tokenizer.SpecialIds;
import inkling.tokenizer.Tokenizer;
import inkling.tokenizer.huggingface.TokenizerFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code tokenize MODEL --messages FILE}: the text that the model's chat template writes, and its tokens. */
@Tag("process")
class TokenizeMessagesTest {
    private static final String TEMPLATE = """
        {{- bos_token }}Today is {{ strftime_now('%d %B %Y') }}.
        {% for message in messages %}
        {{- '<|' + message.role + '|>' + message.content + eos_token -}}
        {% endfor %}
        {% if add_generation_prompt %}<|assistant|>{% endif %}
        """;
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir static Path directory;
    private static Shell shell;

    @BeforeAll static void model() throws Exception {
        shell = Shell.in(directory);
        for (String name : List.of("model", "plain")) {
            Files.createDirectory(directory.resolve(name));
            for (String file : List.of("config.json", "tokenizer.json", "tokenizer_config.json")) {
                Files.copy(Fixtures.own("gpt2").resolve(file), directory.resolve(name).resolve(file));
            }
        }
        Path settings = directory.resolve("model/tokenizer_config.json");
        ObjectNode json = (ObjectNode) JSON.readTree(settings.toFile());
        json.put("chat_template", TEMPLATE);
        json.putObject("bos_token").put("content", "<|begin|>").put("special", true);
        JSON.writeValue(settings.toFile(), json);
        conversation("talk", "[{\"role\": \"user\", \"content\": \"Hi<|endoftext|>{{ 1 }}\"}]",
            ", \"add_generation_prompt\": true, \"now\": \"2024-07-26\"");
    }

    @AfterAll static void close() throws Exception {
        shell.close();
    }

    private static void conversation(String name, String messages, String more) throws IOException {
        Files.writeString(directory.resolve(name + ".json"), "{\"messages\": " + messages + more + "}");
    }

    private static Shell.Result done(String... arguments) {
        Shell.Result result = shell.run(arguments);
        assertEquals(0, result.exit(), result.err());
        return result;
    }

    private static void refused(int exit, String message, String... arguments) {
        Shell.Result result = shell.run(arguments);
        assertTrue(result.err().contains(message), result.err());
        assertEquals(exit, result.exit());
    }

    @Test void theTextIsTheTemplatesAndOnlyItsOwnMarksAreSpecial() throws Exception {
        Shell.Result result = done("tokenize", "model", "--messages", "talk.json", "--json");
        JsonNode json = JSON.readTree(result.out());
        assertEquals("<|begin|>Today is 26 July 2024.\n<|user|>Hi<|endoftext|>{{ 1 }}<|endoftext|><|assistant|>",
            json.get("text").asText());
        List<String> special = new ArrayList<>();
        json.get("tokens").forEach(token -> {
            if (token.asText().equals("<|endoftext|>")) {
                special.add(token.asText());
            }
        });
        assertEquals(1, special.size(), "the user's is plain text");
        assertEquals(json.get("ids").size(), json.get("pieces").size());
        assertTrue(result.err().contains("the vocabulary lacks <|begin|>, <|user|>, <|assistant|>"), result.err());
        String shown = done("tokenize", "model", "--messages", "talk.json").out();
        assertTrue(shown.startsWith("<|begin|>Today is 26 July 2024.\n<|user|>Hi"), shown);
        JsonNode plain = JSON.readTree(done("tokenize", "model", "--messages", "talk.json", "--plain", "--json").out());
        assertEquals(json.get("text"), plain.get("text"));
        assertTrue(plain.get("ids").size() > json.get("ids").size(), "--plain knows no special tokens at all");
    }

    @Test void withoutATemplateOurOwnFormIsUsed() throws Exception {
        Shell.Result result = done("tokenize", "plain", "--messages", "talk.json", "--json");
        assertTrue(result.err().contains("no chat template: this is Inkling's own form"), result.err());
        assertEquals("<|user|>\nHi<|endoftext|>{{ 1 }}\n<|assistant|>\n", JSON.readTree(result.out()).get("text").asText());
        conversation("parts", "[{\"role\": \"user\", \"content\": [{\"type\": \"text\", \"text\": \"Hi\"}]}]", "");
        refused(2, "messages[0] is not a message of system, user or assistant", "tokenize", "plain", "--messages", "parts.json");
    }

    /** An export of a run that learned conversations has our own form as its template. */
    @Test void ourOwnTemplateIsReadAsOurOwnForm() throws Exception {
        Path exported = Files.createDirectory(directory.resolve("exported"));
        for (String file : List.of("config.json", "tokenizer.json", "tokenizer_config.json")) {
            Files.copy(directory.resolve("plain").resolve(file), exported.resolve(file));
        }
        Tokenizer tokenizer = TokenizerFiles.read(exported);
        Files.writeString(exported.resolve("chat_template.jinja"), OwnChatTemplate.jinja(tokenizer, SpecialIds.of(tokenizer)));
        Shell.Result result = done("tokenize", "exported", "--messages", "talk.json", "--json");
        assertEquals(done("tokenize", "plain", "--messages", "talk.json", "--json").out(), result.out());
        assertEquals("", result.err());
    }

    @Test void plainKnowsNoSpecialTokensInOurOwnFormEither() throws Exception {
        conversation("answered", "[{\"role\": \"user\", \"content\": \"Hi\"}, {\"role\": \"assistant\", \"content\": \"Hello\"}]", "");
        String[] command = {"tokenize", "plain", "--messages", "answered.json", "--plain", "--json"};
        JsonNode plain = JSON.readTree(done(command).out());
        String text = plain.get("text").asText();
        assertTrue(text.contains("Hello<|endoftext|>"), text);
        assertEquals(JSON.readTree(done("tokenize", "plain", "--text", text, "--plain", "--json").out()).get("ids"), plain.get("ids"));
    }

    @Test void faultsAreToldByTheirKind() throws Exception {
        refused(2, "nothing.json does not exist", "tokenize", "model", "--messages", "nothing.json");
        Files.writeString(directory.resolve("list.json"), "[]");
        refused(2, "must be one JSON object with a list of messages", "tokenize", "model", "--messages", "list.json");
        conversation("when", "[]", ", \"now\": \"26.7.2024\"");
        refused(2, "now = \"26.7.2024\" is no day or time", "tokenize", "model", "--messages", "when.json");
        Files.writeString(directory.resolve("broken.json"), "{\"messages\": [}");
        refused(2, "broken.json:1:15: not valid JSON", "tokenize", "model", "--messages", "broken.json");
        refused(2, "mutually exclusive", "tokenize", "model", "--messages", "talk.json", "--text", "a");
        refused(2, "required", "tokenize", "model");
        conversation("mute", "[{\"role\": \"user\"}]", "");
        refused(4, "chat_template:3: the chat template cannot be run: 'dict' has no attribute or item 'content'", "tokenize", "model",
            "--messages", "mute.json");
    }
}
