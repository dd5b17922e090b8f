package inkling.data.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.Fixtures;
import inkling.data.chat.ChatFormat.Message;
import inkling.data.chat.ChatFormat.Role;
import inkling.io.json.StrictJson;
import inkling.template.Template;
import inkling.template.builtin.Moment;
import inkling.tokenizer.MarkedIds;
import inkling.tokenizer.MarkedText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Which tokens of a conversation are learned, token by token. In the expected texts, «» enclose what is learned, and {} a special token.
 */
class LearnedTokensTest {
    private static final Moment DAY = new Moment(2024, 7, 26, 0, 0, 0);
    private static final List<Message> TALK = List.of(new Message(Role.USER, "Hi"),
        new Message(Role.ASSISTANT, "<think>\nx\n</think>\n\nHello!"), new Message(Role.USER, "Bye <|im_end|></s>"),
        new Message(Role.ASSISTANT, " So. "));

    private static String shown(String template, List<Message> messages, int first, String... special) {
        ChatTokenizer tokenizer = new ChatTokenizer(special);
        MarkedIds ids = new TemplatedChat(Template.parse("test", template), tokenizer, DAY).encode(messages, first);
        StringBuilder text = new StringBuilder();
        boolean learned = false;
        for (int i = 0; i < ids.ids().length; i++) {
            if (ids.has(i, MarkedText.LEARNED) != learned) {
                learned = !learned;
                text.append(learned ? "«" : "»");
            }
            text.append(tokenizer.decode(new int[] {ids.ids()[i]}));
        }
        return text.append(learned ? "»" : "").toString();
    }

    /**
     * This template drops the thoughts of earlier turns. If the last answer has no thought, the template writes an empty one, as Qwen 3's
     * does.
     */
    @Test void aTemplateThatWritesEarlierTurnsDifferently() {
        String template = "{% set ns = namespace(last=0) %}{% for m in messages %}{% if m.role == 'user' %}{% set ns.last = loop.index0 "
            + "%}{% endif %}{% endfor %}"
            + "{% for m in messages %}<|im_start|>{{ m.role }}\n{% if m.role == 'assistant' %}{% set said = "
            + "m.content.split('</think>')[-1].lstrip('\\n') %}"
            + "{% if loop.index0 > ns.last %}<think>\n{{ m.content.split('</think>')[0].split('<think>')[-1].strip() if '</think>' in "
            + "m.content else '' }}\n"
            + "</think>\n\n{% endif %}{{ said }}{% else %}{{ m.content }}{% endif %}<|im_end|>\n{% endfor %}"
            + "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";
        assertEquals("{<|im_start|>}user\nHi{<|im_end|>}\n{<|im_start|>}assistant\n«Hello!{<|im_end|>}»\n"
            + "{<|im_start|>}user\nBye <|im_end|></s>{<|im_end|>}\n{<|im_start|>}assistant\n«<think>\n\n</think>\n\n So. {<|im_end|>}»\n",
            shown(template, TALK, 0, "<|im_start|>", "<|im_end|>"));
        assertEquals("{<|im_start|>}user\nHi{<|im_end|>}\n{<|im_start|>}assistant\n«<think>\nx\n</think>\n\nHello!{<|im_end|>}»\n",
            shown(template, TALK.subList(0, 2), 0, "<|im_start|>", "<|im_end|>"));
        assertTrue(shown(template, TALK, 3, "<|im_start|>", "<|im_end|>").contains("assistant\nHello!{<|im_end|>}\n"),
            "only the last answer");
    }

    /**
     * This template begins with the number of messages, so the text of a prompt is never the beginning of a longer conversation's text.
     */
    @Test void answersAreFoundWhereAPromptIsNeverAPrefix() {
        String template = "{{ messages|length }}{% for m in messages %}<|{{ m.role }}|>{{ m.content }}{% if m.role == 'assistant' %}</s>{% "
            + "endif %}{% endfor %}"
            + "{% if add_generation_prompt %}<|assistant|><think>{% endif %}";
        assertEquals("4{<|user|>}Hi{<|assistant|>}«<think>\nx\n</think>\n\nHello!{</s>}»{<|user|>}Bye <|im_end|></s>{<|assistant|>}« "
            + "So. {</s>}»",
            shown(template, TALK, 0, "<|user|>", "<|assistant|>", "</s>"));
    }

    @Test void generationBlocksMarkWhatIsLearned() {
        String template = "{% for m in messages %}{% if m.role == 'user' %}<|user|>{{ m.content }}{% else %}<|assistant|>"
            + "{% generation %}{{ m.content }}<|end|>\n{% endgeneration %}{% endif %}{% endfor %}";
        assertEquals("{<|user|>}Hi{<|assistant|>}«<think>\nx\n</think>\n\nHello!{<|end|>}\n»{<|user|>}Bye <|im_end|></s>{<|assistant|>}« "
            + "So. {<|end|>}\n»",
            shown(template, TALK, 0, "<|user|>", "<|assistant|>", "<|end|>"));
        assertEquals("{<|user|>}Hi{<|assistant|>}<think>\nx\n</think>\n\nHello!{<|end|>}\n{<|user|>}Bye <|im_end|></s>{<|assistant|>}« So. "
            + "{<|end|>}\n»",
            shown(template, TALK, 2, "<|user|>", "<|assistant|>", "<|end|>"));
    }

    /**
     * If the next question's mark ends an answer, as in GLM's template, that mark is learned. Behind the last answer nothing is learned.
     */
    @Test void whatEndsAnAnswerIsTheNextSpecialToken() {
        String template = "{% for m in messages %}<|{{ m.role }}|>\n{{ m.content }}{% endfor %}{% if add_generation_prompt "
            + "%}<|assistant|>\n{% endif %}";
        assertEquals("{<|user|>}\nHi{<|assistant|>}\n«Yes{<|user|>}»\nSo{<|assistant|>}\n«No»",
            shown(template, List.of(new Message(Role.USER, "Hi"),
            new Message(Role.ASSISTANT, "Yes"), new Message(Role.USER, "So"), new Message(Role.ASSISTANT, "No")), 0, "<|user|>",
            "<|assistant|>"));
        assertEquals("{<|user|>}\nHi{<|assistant|>}\n«{<|user|>}»\nSo", shown(template, List.of(new Message(Role.USER, "Hi"),
            new Message(Role.ASSISTANT, ""), new Message(Role.USER, "So")), 0, "<|user|>", "<|assistant|>"), "an empty answer is its end");
    }

    /**
     * Templates of our own that mark answers in different ways. Each has the text that it makes of {@link #TALK}, and its special tokens.
     */
    private enum Own {
        HEADERS("{<s>}{<|head|>}system{<|/head|>}\nDate: 26 Jul 2024\n{<|over|>}{<|head|>}user{<|/head|>}\nHi{<|over|>}"
            + "{<|head|>}assistant{<|/head|>}\n«<think>\nx\n</think>\n\nHello!{<|over|>}»"
            + "{<|head|>}user{<|/head|>}\nBye <|im_end|></s>{<|over|>}{<|head|>}assistant{<|/head|>}\n«So.{<|over|>}»",
            "<s>", "<|head|>", "<|/head|>", "<|over|>"),
        TURNS("{<bos>}{<turn>}guest\nHi{</turn>}\n{<turn>}host\n«<think>\nx\n</think>\n\nHello!{</turn>}»\n"
            + "{<turn>}guest\nBye <|im_end|></s>{</turn>}\n{<turn>}host\n«So.{</turn>}»\n", "<bos>", "<turn>", "</turn>"),
        BRACKETS("{<s>}{[ASK]} Hi{[/ASK]}« <think>\nx\n</think>\n\nHello!{</s>}»{[ASK]} Bye <|im_end|></s>{[/ASK]}«  So. {</s>}»",
            "<s>", "</s>", "[ASK]", "[/ASK]"),
        THINKING("{<|begin|>}user\nHi{<|stop|>}\n{<|begin|>}assistant\n«Hello!{<|stop|>}»\n"
            + "{<|begin|>}user\nBye <|im_end|></s>{<|stop|>}\n{<|begin|>}assistant\n«<think>\n\n</think>\n\n So. {<|stop|>}»\n",
            "<|begin|>", "<|stop|>"),
        WIDE_MARKS("{<｜Frage｜>}Hi{<｜Ende｜>}{<｜Antwort｜>}«\n\nHello!{<｜Ende｜>}»"
            + "{<｜Frage｜>}Bye <|im_end|></s>{<｜Ende｜>}{<｜Antwort｜>}« So. {<｜Ende｜>}»", "<｜Frage｜>", "<｜Antwort｜>", "<｜Ende｜>"),
        MARKED_ANSWERS("{<|on|>}system\nFriday, 26 July 2024, aloud{<|off|>}\n{<|on|>}user\nHi{<|off|>}\n"
            + "«{<|on|>}assistant\n<think>\nx\n</think>\n\nHello!{<|off|>}\n»"
            + "{<|on|>}user\nBye <|im_end|></s>{<|off|>}\n«{<|on|>}assistant\n So. {<|off|>}\n»", "<|on|>", "<|off|>"),
        ONE_LINE("{<|user|>}Hi{<|end|>}{<|assistant|>}«<think>\nx\n</think>\n\nHello!{<|end|>}»"
            + "{<|user|>}Bye <|im_end|></s>{<|end|>}{<|assistant|>}« So. {<|end|>}»{</s>}", "</s>", "<|user|>", "<|assistant|>", "<|end|>");

        private final String expected;
        private final String[] special;

        Own(String expected, String... special) {
            this.expected = expected;
            this.special = special;
        }
    }

    @ParameterizedTest
    @EnumSource
    void ourTemplatesTellWhatIsLearned(Own own) throws IOException {
        String template = Files.readString(Path.of("src/test/resources/inkling/chat-templates", own.name().toLowerCase(Locale.ROOT)
            + ".jinja"));
        assertEquals(own.expected, shown(template, TALK, 0, own.special));
    }

    /**
     * Real templates. Each has the end of the text that it makes of {@link #TALK}, from the first user's message on, and its special
     * tokens.
     */
    private enum Real {
        QWEN_3("Qwen-Qwen3-0.6B", "{<|im_start|>}user\nHi{<|im_end|>}\n{<|im_start|>}assistant\n«Hello!{<|im_end|>}»\n"
            + "{<|im_start|>}user\nBye <|im_end|></s>{<|im_end|>}\n{<|im_start|>}assistant\n«<think>\n\n</think>\n\n So. {<|im_end|>}»\n",
            "<|im_start|>", "<|im_end|>"),
        LLAMA_3("meta-llama-Llama-3.2-3B-Instruct",
            "{<|start_header_id|>}user{<|end_header_id|>}\n\nHi{<|eot_id|>}{<|start_header_id|>}assistant{<|end_header_id|>}\n\n"
            + "«<think>\nx\n</think>\n\nHello!{<|eot_id|>}»{<|start_header_id|>}user{<|end_header_id|>}\n\nBye <|im_end|></s>{<|eot_id|>}"
            + "{<|start_header_id|>}assistant{<|end_header_id|>}\n\n«So.{<|eot_id|>}»",
            "<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"),
        GEMMA_3("lenml-gemma3", "{<start_of_turn>}user\nHi{<end_of_turn>}\n"
            + "{<start_of_turn>}model\n«<think>\nx\n</think>\n\nHello!{<end_of_turn>}»\n"
            + "{<start_of_turn>}user\nBye <|im_end|></s>{<end_of_turn>}\n{<start_of_turn>}model\n«So.{<end_of_turn>}»\n",
            "<bos>", "<start_of_turn>", "<end_of_turn>"),
        MISTRAL("mistralai-Mistral-Nemo-Instruct-2407",
            "{[INST]}Hi{[/INST]}«<think>\nx\n</think>\n\nHello!{</s>}»{[INST]}Bye <|im_end|></s>{[/INST]}« So. {</s>}»",
            "<s>", "</s>", "[INST]", "[/INST]"),
        DEEPSEEK("llama-cpp-deepseek-r1", "{<｜User｜>}Hi{<｜end▁of▁sentence｜>}{<｜Assistant｜>}«\n\nHello!{<｜end▁of▁sentence｜>}»"
            + "{<｜User｜>}Bye <|im_end|></s>{<｜end▁of▁sentence｜>}{<｜Assistant｜>}« So. {<｜end▁of▁sentence｜>}»",
            "<｜User｜>", "<｜Assistant｜>", "<｜end▁of▁sentence｜>"),
        SMOLLM_3("ortx-smollm3", "{<|im_start|>}user\nHi{<|im_end|>}\n"
            + "«{<|im_start|>}assistant\n<think>\nx\n</think>\n\nHello!{<|im_end|>}\n»"
            + "{<|im_start|>}user\nBye <|im_end|></s>{<|im_end|>}\n«{<|im_start|>}assistant\n So. {<|im_end|>}\n»", "<|im_start|>",
            "<|im_end|>"),
        PHI_4_MINI("ortx-phi4mini", "{<|user|>}Hi{<|end|>}{<|assistant|>}«<think>\nx\n</think>\n\nHello!{<|end|>}»"
            + "{<|user|>}Bye <|im_end|></s>{<|end|>}{<|assistant|>}« So. {<|end|>}»{</s>}", "<s>", "</s>", "<|user|>",
            "<|assistant|>", "<|end|>");

        private final String name;
        private final String expected;
        private final String[] special;

        Real(String name, String expected, String... special) {
            this.name = name;
            this.expected = expected;
            this.special = special;
        }
    }

    @Test void realTemplatesTellWhatIsLearned() {
        for (Path goldens : Fixtures.sharedIfThere("data/chat-templates/goldens.json").toList()) {
            JsonNode templates = StrictJson.parse(goldens).get("templates");
            for (Real real : Real.values()) {
                String shown = shown(templates.get(real.name).asText(), TALK, 0, real.special);
                assertTrue(shown.endsWith(real.expected), shown.substring(Math.max(0, shown.length() - real.expected.length() - 100)));
            }
        }
    }

    /** Qwen 3's own template: a thought, a call, what the tool returned, and the answer. */
    @Test void callsOfQwen3AreLearnedAsItsTemplateWritesThem() {
        JsonNode call = StrictJson.parse("call",
            "{\"tool_calls\":[{\"function\":{\"name\":\"sun\",\"arguments\":{\"at\":\"Rome\"}}}],\"reasoning_content\":\"Ask.\"}"
            .getBytes(StandardCharsets.UTF_8));
        List<Message> talk = List.of(new Message(Role.USER, "Sun?"), new Message(Role.ASSISTANT, "", (ObjectNode) call),
            new Message(Role.TOOL, "yes"), new Message(Role.ASSISTANT, "Yes."));
        for (Path goldens : Fixtures.sharedIfThere("data/chat-templates/goldens.json").toList()) {
            String template = StrictJson.parse(goldens).get("templates").get("Qwen-Qwen3-0.6B").asText();
            assertEquals("{<|im_start|>}user\nSun?{<|im_end|>}\n{<|im_start|>}assistant\n«<think>\nAsk.\n</think>\n\n<tool_call>\n"
                + "{\"name\": \"sun\", \"arguments\": {\"at\": "
                + "\"Rome\"}}\n</tool_call>{<|im_end|>}»\n{<|im_start|>}user\n<tool_response>\nyes\n"
                + "</tool_response>{<|im_end|>}\n{<|im_start|>}assistant\n«<think>\n\n</think>\n\nYes.{<|im_end|>}»\n",
                shown(template, talk, 0, "<|im_start|>", "<|im_end|>"));
        }
    }
}
