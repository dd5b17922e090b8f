package inkling.formats;

import inkling.data.chat.ChatFormat;
import inkling.tokenizer.SpecialIds;
import inkling.tokenizer.Tokenizer;

/** Inkling's own form of a conversation as a program for others, for models that learned it and came with no chat template. */
public final class OwnChatTemplate {
    private OwnChatTemplate() {}

    /** What ends an answer: the token between texts, or a text where there is none. */
    private static String end(Tokenizer tokenizer, SpecialIds special) {
        return special.between().isPresent() ? tokenizer.token(special.between().getAsInt()) : ChatFormat.PLAIN_END;
    }

    /** In Jinja, for {@code chat_template}. Line ends are expressions, since those behind a tag are dropped. */
    public static String jinja(Tokenizer tokenizer, SpecialIds special) {
        return "{% for message in messages %}<|{{ message['role'] }}|>{{ '\\n' + message['content'] }}"
            + "{% if message['role'] == 'assistant' %}" + end(tokenizer, special) + "{% endif %}{{ '\\n' }}{% endfor %}"
            + "{% if add_generation_prompt %}<|assistant|>{{ '\\n' }}{% endif %}";
    }

    /** In the language of Ollama's {@code TEMPLATE}. */
    static String ollama(Tokenizer tokenizer, SpecialIds special) {
        return "{{ range .Messages }}<|{{ .Role }}|>\n{{ .Content }}{{ if eq .Role \"assistant\" }}" + end(tokenizer, special)
            + "{{ end }}\n{{ end }}<|assistant|>\n";
    }
}
