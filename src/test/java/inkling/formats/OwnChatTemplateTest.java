package inkling.formats;

import static inkling.Says.says;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.Fixtures;
import inkling.data.chat.ChatFormat;
import inkling.data.chat.ChatFormat.Message;
import inkling.data.chat.ChatFormat.Role;
import inkling.data.chat.OwnChatTemplate;
import inkling.data.chat.TemplatedChat;
import inkling.model.config.GptOptions;
import inkling.template.Template;
import inkling.template.builtin.Moment;
import inkling.tokenizer.CharTokenizer;
import inkling.tokenizer.SpecialIds;
import inkling.tokenizer.Tokenizer;
import inkling.tokenizer.huggingface.TokenizerFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OwnChatTemplateTest {
    private static final List<Message> TALK = List.of(new Message(Role.SYSTEM, "Be brief."), new Message(Role.USER, "Who  are you?"),
        new Message(Role.ASSISTANT, "Bruno.\n"), new Message(Role.USER, "<|endoftext|>"));

    /** The tokenizer of the small GPT-2, changed so that it puts <|endoftext|> before every text, as Llama's puts its <s>. */
    private static Tokenizer withBeginning(Path folder) throws IOException {
        Path original = Fixtures.own("gpt2");
        ObjectNode json = (ObjectNode) new ObjectMapper().readTree(original.resolve("tokenizer.json").toFile());
        int id = SpecialIds.of(TokenizerFiles.read(original)).between().orElseThrow();
        json.set("post_processor", new ObjectMapper().readTree("""
            {"type": "TemplateProcessing",
             "single": [{"SpecialToken": {"id": "<|endoftext|>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
             "special_tokens": {"<|endoftext|>": {"id": "<|endoftext|>", "ids": [%d], "tokens": ["<|endoftext|>"]}}}""".formatted(id)));
        Files.writeString(folder.resolve("tokenizer.json"), json.toString());
        return TokenizerFiles.read(folder);
    }

    /** For tokenizers with a token that ends texts, with one that also begins them, and with neither. */
    @Test void theJinjaTemplateWritesAConversationAsInklingDoes(@TempDir Path folder) throws IOException {
        Tokenizer beginning = withBeginning(folder);
        assertEquals(1, beginning.beginning().size());
        for (Tokenizer tokenizer : List.of(TokenizerFiles.read(Fixtures.own("gpt2")), beginning,
            CharTokenizer.fit("Be brief. Who are you? Bruno.\n<|>systemuserassistantendoftext"))) {
            TemplatedChat chat = new TemplatedChat(Template.parse("own", OwnChatTemplate.jinja(tokenizer, SpecialIds.of(tokenizer))),
                tokenizer,
                new Moment(2026, 1, 1, 0, 0, 0));
            assertArrayEquals(ChatFormat.own(tokenizer).prompt(TALK), chat.prompt(TALK));
        }
    }

    /** So talking with a model that Inkling exported is like talking with its run: the stops are the same, and there is no remark. */
    @Test void theJinjaTemplateIsReadAsInklingsOwnForm() {
        for (Tokenizer tokenizer : List.of(TokenizerFiles.read(Fixtures.own("gpt2")), CharTokenizer.fit("abc\n<|>systemuserassistant"))) {
            SpecialIds special = SpecialIds.of(tokenizer);
            ChatFormat.Choice choice = ChatFormat.choose(tokenizer, special, Optional.of(OwnChatTemplate.jinja(tokenizer, special)),
                new Moment(2026, 1, 1, 0, 0, 0));
            assertTrue(choice.format().isOwn());
            assertEquals(Optional.empty(), choice.remark());
        }
    }

    @Test void theModelfileHasTheTemplateInOllamasLanguage() {
        Tokenizer tokenizer = TokenizerFiles.read(Fixtures.own("gpt2"));
        SpecialIds special = SpecialIds.of(tokenizer);
        String own = new String(Modelfile.bytes(Path.of("a.gguf"), GptOptions.DEFAULT.over(320), tokenizer, special,
            Optional.of(OwnChatTemplate.jinja(tokenizer, special))), StandardCharsets.UTF_8);
        says(own, "FROM ./a.gguf", "num_ctx 128", "stop \"<|endoftext|>\"", "stop \"<|end|>\"", "stop \"<|user|>\"",
            "TEMPLATE \"\"\"{{ range .Messages }}<|{{ .Role }}|>");
        says(new String(Modelfile.bytes(Path.of("a.gguf"), GptOptions.DEFAULT.over(320), tokenizer, special, Optional.empty()),
            StandardCharsets.UTF_8), "TEMPLATE \"{{ .Prompt }}\"");
    }
}
