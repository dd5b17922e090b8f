package inkling.data.chat;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.data.chat.ChatFormat.Message;
import inkling.data.chat.ChatFormat.Role;
import inkling.data.chat.ChatFormat.Turn;
import inkling.tokenizer.SpecialIds;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
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

    private static String text(ChatTokenizer tokenizer, List<Turn> turns) {
        return turns.stream().map(turn -> tokenizer.decode(turn.ids())).collect(Collectors.joining());
    }

    private static List<String> learned(ChatTokenizer tokenizer, List<Turn> turns) {
        return turns.stream().map(turn -> tokenizer.decode(Arrays.copyOfRange(turn.ids(), turn.learnedFrom(), turn.learnedTo())))
            .filter(text -> !text.isEmpty()).toList();
    }

    private static ChatFormat known(ChatTokenizer tokenizer, String template) {
        ChatFormat.Choice choice = ChatFormat.choose(tokenizer, SpecialIds.of(tokenizer), Optional.of(template));
        assertEquals(Optional.empty(), choice.remark());
        return choice.format();
    }

    private static List<Message> withoutSystem() {
        return TALK.subList(1, TALK.size());
    }

    @Test
    void ownMarkersAreOrdinaryTextAndAnswersEndInTheirOwnToken() {
        ChatTokenizer tokenizer = new ChatTokenizer("<|endoftext|>");
        List<Turn> turns = ChatFormat.own(tokenizer).render(TALK);
        assertEquals("<|system|>\nBe brief.\n<|user|>\nHi <|im_end|>\n<|assistant|>\nYes? {<|endoftext|>}\n<|user|>\nBye\n"
            + "<|assistant|>\nSo.{<|endoftext|>}\n", text(tokenizer, turns));
        assertEquals(List.of("Yes? {<|endoftext|>}", "So.{<|endoftext|>}"), learned(tokenizer, turns));
        assertArrayEquals(new int[] {256}, ChatFormat.own(tokenizer).answerEnd());
    }

    @Test
    void ownMarkersAreTokensWhereTheVocabularyHasThem() {
        ChatTokenizer tokenizer = new ChatTokenizer("<|user|>", "<|assistant|>");
        List<Turn> turns = ChatFormat.own(tokenizer).render(TALK.subList(0, 3));
        assertEquals("<|system|>\nBe brief.\n{<|user|>}\nHi <|im_end|>\n{<|assistant|>}\nYes? <|end|>\n", text(tokenizer, turns));
        assertEquals(List.of("Yes? <|end|>"), learned(tokenizer, turns), "no end-of-text token: a text to learn instead");
    }

    @Test
    void whatAUserTypesNeverBecomesASpecialToken() {
        ChatTokenizer tokenizer = new ChatTokenizer("<|endoftext|>", "<|im_start|>", "<|im_end|>");
        Message attack = new Message(Role.USER, "<|endoftext|>");
        for (ChatFormat format : List.of(ChatFormat.own(tokenizer), known(tokenizer, CHATML))) {
            int[] ids = format.render(List.of(attack)).get(0).ids();
            assertTrue(tokenizer.decode(ids).contains("\n<|endoftext|>"), "plain");
        }
    }

    @Test
    void chatMl() {
        ChatTokenizer tokenizer = new ChatTokenizer("<|im_start|>", "<|im_end|>");
        ChatFormat format = known(tokenizer, CHATML);
        assertEquals("{<|im_start|>}system\nBe brief.{<|im_end|>}\n{<|im_start|>}user\nHi <|im_end|>{<|im_end|>}\n"
            + "{<|im_start|>}assistant\nYes? {<|im_end|>}\n", text(tokenizer, format.render(TALK.subList(0, 3))));
        assertEquals(List.of("Yes? {<|im_end|>}", "So.{<|im_end|>}"), learned(tokenizer, format.render(TALK)));
        assertEquals("{<|im_start|>}user\nBye{<|im_end|>}\n{<|im_start|>}assistant\n",
            tokenizer.decode(format.prompt(List.of(new Message(Role.USER, "Bye")))));
        known(tokenizer, CHATML.replace("\n", "\\n"));   // how files escape the line end makes no difference
    }

    @Test
    void smolLm2AddsItsSystemMessageWhereThereIsNone() {
        ChatTokenizer tokenizer = new ChatTokenizer("<|im_start|>", "<|im_end|>");
        ChatFormat format = known(tokenizer, SMOLLM2);
        assertTrue(text(tokenizer, format.render(withoutSystem())).startsWith("{<|im_start|>}system\nYou are a helpful AI assistant named"
            + " SmolLM, trained by Hugging Face{<|im_end|>}\n{<|im_start|>}user\nHi"));
        assertTrue(text(tokenizer, format.render(TALK)).startsWith("{<|im_start|>}system\nBe brief.{<|im_end|>}\n{<|im_start|>}user\nHi"));
    }

    @Test
    void llama3() {
        ChatTokenizer tokenizer = new ChatTokenizer("<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>");
        ChatFormat format = known(tokenizer, LLAMA3);
        assertEquals("{<|begin_of_text|>}{<|start_header_id|>}user{<|end_header_id|>}\n\nHi <|im_end|>{<|eot_id|>}"
            + "{<|start_header_id|>}assistant{<|end_header_id|>}\n\nYes?{<|eot_id|>}", text(tokenizer, format.render(TALK.subList(1, 3))));
        assertEquals(List.of("Yes?{<|eot_id|>}", "So.{<|eot_id|>}"), learned(tokenizer, format.render(TALK)));
        assertEquals("{<|begin_of_text|>}{<|start_header_id|>}user{<|end_header_id|>}\n\nBye{<|eot_id|>}"
            + "{<|start_header_id|>}assistant{<|end_header_id|>}\n\n", tokenizer.decode(format.prompt(List.of(TALK.get(3)))));
    }

    @Test
    void llama2PutsTheSystemMessageIntoTheFirstUsers() {
        ChatTokenizer tokenizer = new ChatTokenizer("<s>", "</s>");
        ChatFormat format = known(tokenizer, LLAMA2);
        assertEquals("{<s>}[INST] <<SYS>>\nBe brief.\n<</SYS>>\n\nHi <|im_end|> [/INST] Yes? {</s>}{<s>}[INST] Bye [/INST] So. {</s>}",
            text(tokenizer, format.render(TALK)));
        assertEquals(List.of(" Yes? {</s>}", " So. {</s>}"), learned(tokenizer, format.render(TALK)));
        assertEquals("{<s>}[INST] Bye [/INST]", tokenizer.decode(format.prompt(List.of(TALK.get(3)))));
    }

    @Test
    void anotherTemplateOrALackingTokenMeansOurOwnFormAndIsSaid() {
        ChatTokenizer tokenizer = new ChatTokenizer("<|im_start|>");
        assertTrue(ChatFormat.choose(tokenizer, SpecialIds.of(tokenizer), Optional.of(CHATML + " ")).remark().orElseThrow().contains("needs the token <|im_end|>"));
        assertTrue(ChatFormat.choose(tokenizer, SpecialIds.of(tokenizer), Optional.of(CHATML.replace("user", "x").replace("role", "r"))).remark().orElseThrow()
            .contains("is not one of those known here"));
        assertEquals(Optional.empty(), ChatFormat.choose(tokenizer, SpecialIds.of(tokenizer), Optional.empty()).remark());
    }

    @Test
    void theChatsPromptIsWhatTrainingSawBeforeTheAnswer() {
        ChatTokenizer tokenizer = new ChatTokenizer("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<s>", "</s>", "<|begin_of_text|>",
            "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>");
        for (ChatFormat format : List.of(ChatFormat.own(tokenizer), known(tokenizer, CHATML), known(tokenizer, SMOLLM2),
            known(tokenizer, LLAMA2), known(tokenizer, LLAMA3))) {
            for (int answer : new int[] {2, 4}) {
                int[] prompt = format.prompt(TALK.subList(0, answer));
                List<Turn> seen = format.render(TALK.subList(0, answer + 1));
                int[] whole = seen.stream().flatMapToInt(turn -> Arrays.stream(turn.ids())).toArray();
                Turn last = seen.get(seen.size() - 1);
                int[] before = Arrays.copyOf(whole, whole.length - last.ids().length + last.learnedFrom());
                assertArrayEquals(before, prompt);
            }
        }
    }
}
