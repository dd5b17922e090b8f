package inkling.data.chat;

import inkling.tokenizer.SpecialIds;
import inkling.tokenizer.Tokenizer;
import java.util.stream.Collectors;

/** Chat templates that write a conversation in Inkling's own form ({@link ChatFormat#own}), for models that learned this form. */
public final class OwnChatTemplate {
    private OwnChatTemplate() {}

    /** The text that ends an answer: the token between texts, or {@link ChatFormat#PLAIN_END} if the tokenizer has no such token. */
    private static String end(Tokenizer tokenizer, SpecialIds special) {
        return special.between().isPresent() ? tokenizer.token(special.between().getAsInt()) : ChatFormat.PLAIN_END;
    }

    /**
     * The template in Jinja, for {@code chat_template}. It writes line ends as expressions, because Transformers' Jinja drops a plain line
     * end after a tag. It writes the tokens that begin a text ({@link SpecialIds#beginning}), because Transformers adds none to what a
     * template writes.
     */
    public static String jinja(Tokenizer tokenizer, SpecialIds special) {
        String beginning = special.beginning().stream().map(tokenizer::token).collect(Collectors.joining());
        return beginning + "{% for message in messages %}<|{{ message['role'] }}|>{{ '\\n' + message['content'] }}"
            + "{% if message['role'] == 'assistant' %}" + end(tokenizer, special) + "{% endif %}{{ '\\n' }}{% endfor %}"
            + "{% if add_generation_prompt %}<|assistant|>{{ '\\n' }}{% endif %}";
    }

    /** The template in the language of Ollama's {@code TEMPLATE}. Ollama adds the ids that begin a text by itself. */
    public static String ollama(Tokenizer tokenizer, SpecialIds special) {
        return "{{ range .Messages }}<|{{ .Role }}|>\n{{ .Content }}{{ if eq .Role \"assistant\" }}" + end(tokenizer, special)
            + "{{ end }}\n{{ end }}<|assistant|>\n";
    }
}
