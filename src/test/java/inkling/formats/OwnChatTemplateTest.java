package inkling.formats;

import static inkling.Says.says;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OwnChatTemplateTest {
    private static final List<Message> TALK = List.of(new Message(Role.SYSTEM, "Be brief."), new Message(Role.USER, "Who  are you?"),
        new Message(Role.ASSISTANT, "Bruno.\n"), new Message(Role.USER, "<|endoftext|>"));

    /** For a tokenizer with a token that ends texts, and for a char tokenizer, which has none. */
    @Test void theJinjaTemplateWritesAConversationAsInklingDoes() {
        for (Tokenizer tokenizer : List.of(TokenizerFiles.read(Fixtures.own("gpt2")),
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
