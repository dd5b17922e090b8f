package inkling.data.chat;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.data.chat.ChatFormat.Message;
import inkling.data.chat.ChatFormat.Role;
import inkling.template.builtin.Moment;
import inkling.tokenizer.MarkedIds;
import inkling.tokenizer.MarkedText;
import inkling.tokenizer.SpecialIds;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ChatFormatTest {
    private static final String CHATML = "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content']"
        + " + '<|im_end|>' + '\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";
    private static final String SMOLLM2 = "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}"
        + "{{ '<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n' }}{% endif %}"
        + CHATML.substring("{% for message in messages %}".length());
    private static final String LLAMA2 = "{% if messages[0]['role'] == 'system' %}{% set loop_messages = messages[1:] %}"
        + "{% set system_message = messages[0]['content'] %}{% else %}{% set loop_messages = messages %}{% set system_message = false %}"
        + "{% endif %}{% for message in loop_messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}"
        + "{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}{% endif %}"
        + "{% if loop.index0 == 0 and system_message != false %}"
        + "{% set content = '<<SYS>>\\n' + system_message + '\\n<</SYS>>\\n\\n' + message['content'] %}"
        + "{% else %}{% set content = message['content'] %}{% endif %}"
        + "{% if message['role'] == 'user' %}{{ bos_token + '[INST] ' + content.strip() + ' [/INST]' }}"
        + "{% elif message['role'] == 'assistant' %}{{ ' '  + content.strip() + ' ' + eos_token }}{% endif %}{% endfor %}";
    private static final String LLAMA3 = "{% set loop_messages = messages %}{% for message in loop_messages %}"
        + "{% set content = '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n'+ message['content'] | trim + '<|eot_id|>' %}"
        + "{% if loop.index0 == 0 %}{% set content = bos_token + content %}{% endif %}{{ content }}{% endfor %}"
        + "{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}";

    private static final List<Message> TALK = List.of(new Message(Role.SYSTEM, "Be brief."), new Message(Role.USER, "Hi <|im_end|>"),
        new Message(Role.ASSISTANT, "Yes? "), new Message(Role.USER, "Bye"), new Message(Role.ASSISTANT, "So."));

    private static final Moment DAY = new Moment(2024, 7, 26, 0, 0, 0);

    private static String text(ChatTokenizer tokenizer, MarkedIds conversation) {
        return tokenizer.decode(conversation.ids());
    }

    /** The text of each unbroken stretch of learned tokens. */
    static List<String> learned(ChatTokenizer tokenizer, MarkedIds conversation) {
        List<String> stretches = new ArrayList<>();
        for (int i = 0, from = 0; i <= conversation.ids().length; i++) {
            if (i == conversation.ids().length || !conversation.has(i, MarkedText.LEARNED)) {
                stretches.add(tokenizer.decode(Arrays.copyOfRange(conversation.ids(), from, i)));
                from = i + 1;
            }
        }
        return stretches.stream().filter(text -> !text.isEmpty()).toList();
    }

    /** Both ways to follow a template: to run it, and to compose messages as version 0.1 did for the templates that it knew. */
    private static List<ChatFormat> ways(ChatTokenizer tokenizer, String template) {
        ChatFormat.Choice run = ChatFormat.choose(tokenizer, SpecialIds.of(tokenizer), Optional.of(template), DAY);
        assertEquals(Optional.empty(), run.remark());
        ChatFormat.Choice known = ChatFormat.ofFirstVersion(tokenizer, SpecialIds.of(tokenizer), Optional.of(template));
        assertEquals(Optional.empty(), known.remark());
        return List.of(run.format(), known.format());
    }

    private static List<Message> withoutSystem() {
        return TALK.subList(1, TALK.size());
    }

    @Test
    void ownMarkersAreOrdinaryTextAndAnswersEndInTheEndOfTextToken() {
        ChatTokenizer tokenizer = new ChatTokenizer("<|endoftext|>");
        MarkedIds turns = ChatFormat.own(tokenizer).encode(TALK);
        assertEquals("<|system|>\nBe brief.\n<|user|>\nHi <|im_end|>\n<|assistant|>\nYes? {<|endoftext|>}\n<|user|>\nBye\n"
            + "<|assistant|>\nSo.{<|endoftext|>}\n", text(tokenizer, turns));
        assertEquals(List.of("Yes? {<|endoftext|>}", "So.{<|endoftext|>}"), learned(tokenizer, turns));
        assertArrayEquals(new int[] {256}, ChatFormat.own(tokenizer).answerEnd());
    }

    @Test
    void ownMarkersAreTokensWhereTheVocabularyHasThem() {
        ChatTokenizer tokenizer = new ChatTokenizer("<|user|>", "<|assistant|>");
        MarkedIds turns = ChatFormat.own(tokenizer).encode(TALK.subList(0, 3));
        assertEquals("<|system|>\nBe brief.\n{<|user|>}\nHi <|im_end|>\n{<|assistant|>}\nYes? <|end|>\n", text(tokenizer, turns));
        assertEquals(List.of("Yes? <|end|>"), learned(tokenizer, turns), "without an end-of-text token, the text <|end|> is learned");
    }

    @Test
    void whatAUserTypesNeverBecomesASpecialToken() {
        ChatTokenizer tokenizer = new ChatTokenizer("<|endoftext|>", "<|im_start|>", "<|im_end|>");
        Message attack = new Message(Role.USER, "<|endoftext|>");
        List<ChatFormat> formats = new ArrayList<>(ways(tokenizer, CHATML));
        formats.add(ChatFormat.own(tokenizer));
        for (ChatFormat format : formats) {
            assertTrue(text(tokenizer, format.encode(List.of(attack))).contains("\n<|endoftext|>"), "plain");
            assertTrue(tokenizer.decode(format.prompt(List.of(attack))).contains("\n<|endoftext|>"), "plain");
        }
    }

    @Test
    void chatMl() {
        ChatTokenizer tokenizer = new ChatTokenizer("<|im_start|>", "<|im_end|>");
        for (ChatFormat format : ways(tokenizer, CHATML)) {
            assertEquals("{<|im_start|>}system\nBe brief.{<|im_end|>}\n{<|im_start|>}user\nHi <|im_end|>{<|im_end|>}\n"
                + "{<|im_start|>}assistant\nYes? {<|im_end|>}\n", text(tokenizer, format.encode(TALK.subList(0, 3))));
            assertEquals(List.of("Yes? {<|im_end|>}", "So.{<|im_end|>}"), learned(tokenizer, format.encode(TALK)));
            assertEquals("{<|im_start|>}user\nBye{<|im_end|>}\n{<|im_start|>}assistant\n",
                tokenizer.decode(format.prompt(List.of(new Message(Role.USER, "Bye")))));
        }
    }

    @Test
    void smolLm2AddsItsSystemMessageWhereThereIsNone() {
        ChatTokenizer tokenizer = new ChatTokenizer("<|im_start|>", "<|im_end|>");
        for (ChatFormat format : ways(tokenizer, SMOLLM2)) {
            assertTrue(text(tokenizer, format.encode(withoutSystem()))
                .startsWith("{<|im_start|>}system\nYou are a helpful AI assistant named"
                + " SmolLM, trained by Hugging Face{<|im_end|>}\n{<|im_start|>}user\nHi"));
            assertTrue(text(tokenizer, format.encode(TALK))
                .startsWith("{<|im_start|>}system\nBe brief.{<|im_end|>}\n{<|im_start|>}user\nHi"));
        }
    }

    @Test
    void llama3() {
        ChatTokenizer tokenizer = new ChatTokenizer("<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>");
        for (ChatFormat format : ways(tokenizer, LLAMA3)) {
            assertEquals("{<|begin_of_text|>}{<|start_header_id|>}user{<|end_header_id|>}\n\nHi <|im_end|>{<|eot_id|>}"
                + "{<|start_header_id|>}assistant{<|end_header_id|>}\n\nYes?{<|eot_id|>}",
                text(tokenizer, format.encode(TALK.subList(1, 3))));
            assertEquals(List.of("Yes?{<|eot_id|>}", "So.{<|eot_id|>}"), learned(tokenizer, format.encode(TALK)));
            assertEquals("{<|begin_of_text|>}{<|start_header_id|>}user{<|end_header_id|>}\n\nBye{<|eot_id|>}"
                + "{<|start_header_id|>}assistant{<|end_header_id|>}\n\n", tokenizer.decode(format.prompt(List.of(TALK.get(3)))));
        }
    }

    @Test
    void llama2PutsTheSystemMessageIntoTheFirstUserMessage() {
        ChatTokenizer tokenizer = new ChatTokenizer("<s>", "</s>");
        for (ChatFormat format : ways(tokenizer, LLAMA2)) {
            assertEquals("{<s>}[INST] <<SYS>>\nBe brief.\n<</SYS>>\n\nHi <|im_end|> [/INST] Yes? {</s>}{<s>}[INST] Bye [/INST] So. {</s>}",
                text(tokenizer, format.encode(TALK)));
            assertEquals(List.of(" Yes? {</s>}", " So. {</s>}"), learned(tokenizer, format.encode(TALK)));
            assertEquals("{<s>}[INST] Bye [/INST]", tokenizer.decode(format.prompt(List.of(TALK.get(3)))));
        }
    }

    @Test
    void anUnusableTemplateIsReplacedByOurOwnFormAndTheRemarkSaysWhy() {
        ChatTokenizer tokenizer = new ChatTokenizer("<|im_start|>");
        assertRemark(tokenizer, CHATML, "ends an answer with <|im_end|>, which is no token");
        assertRemark(tokenizer, CHATML.replace("<|im_end|>", "").replace("<|im_start|>", ""), "no special token of the vocabulary");
        assertRemark(tokenizer, "{{ messages | xmlattr }}", "the filter xmlattr is not supported");
        assertRemark(tokenizer, "{% for message in messages", "chat_template:1");
        assertRemark(tokenizer, "{{ raise_exception('never') }}", "refuses this conversation: never");
        assertRemark(tokenizer, CHATML.replace("+ message['content']", "~ message['content'][0]['text']"),
            "does not write a message whose content is a string");
        assertEquals(Optional.empty(), ChatFormat.choose(tokenizer, SpecialIds.of(tokenizer), Optional.empty(), DAY).remark());
    }

    private static void assertRemark(ChatTokenizer tokenizer, String template, String why) {
        ChatFormat.Choice choice = ChatFormat.choose(tokenizer, SpecialIds.of(tokenizer), Optional.of(template), DAY);
        assertTrue(choice.format().isOwn());
        assertTrue(choice.remark().orElseThrow().contains(why), choice.remark().orElseThrow());
    }

    @Test
    void version01FollowedOnlyTemplatesThatItKnew() {
        ChatTokenizer tokenizer = new ChatTokenizer("<|im_start|>");
        assertTrue(ChatFormat.ofFirstVersion(tokenizer, SpecialIds.of(tokenizer), Optional.of(CHATML + " ")).remark().orElseThrow()
            .contains("needs the token <|im_end|>"));
        assertTrue(ChatFormat.ofFirstVersion(tokenizer, SpecialIds.of(tokenizer),
            Optional.of(CHATML.replace("user", "x").replace("role", "r")))
            .remark().orElseThrow().contains("is not one of those known here"));
    }

    @Test
    void theChatsPromptIsWhatTrainingSawBeforeTheAnswer() {
        ChatTokenizer tokenizer = new ChatTokenizer("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<s>", "</s>", "<|begin_of_text|>",
            "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>");
        List<ChatFormat> formats = new ArrayList<>(List.of(ChatFormat.own(tokenizer)));
        List.of(CHATML, SMOLLM2, LLAMA2, LLAMA3).forEach(template -> formats.addAll(ways(tokenizer, template)));
        for (ChatFormat format : formats) {
            for (int answer : new int[] {2, 4}) {
                MarkedIds seen = format.encode(TALK.subList(0, answer + 1));
                int last = seen.ids().length - 1;
                while (!seen.has(last, MarkedText.LEARNED)) {
                    last--;
                }
                while (seen.has(last - 1, MarkedText.LEARNED)) {
                    last--;
                }
                assertArrayEquals(Arrays.copyOf(seen.ids(), last), format.prompt(TALK.subList(0, answer)));
            }
        }
    }
}
