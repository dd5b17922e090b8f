package inkling.serve.api;

import inkling.data.chat.ChatFormat;
import inkling.data.chat.ChatFormat.Message;
import inkling.errors.InklingException;
import inkling.generate.Prompts;
import inkling.serve.http.ApiFault;
import inkling.serve.http.RequestFields;
import inkling.template.builtin.Moment;
import inkling.tokenizer.SpecialIds;
import java.util.List;
import java.util.Optional;

/**
 * How a model reads conversations: by its own template if it has one, as in {@code chat}. What people wrote is always ordinary text and
 * never becomes a special token.
 *
 * @param prompts knows the ids that end an answer
 * @param stops texts that end an answer in Inkling's own form
 * @param remark for the user if the model's own template cannot be used
 */
public record ChatPrompts(ChatFormat format, Prompts prompts, List<String> stops, Optional<String> remark) {
    private static final String NEXT_TURN = "<|user|>";

    /**
     * Chooses the form of conversations with a model.
     *
     * @param texts how the model reads texts that are not conversations
     * @param template the model's own; empty for none
     * @param now what the template is told when it asks for the date
     * @throws InklingException if the vocabulary lacks characters of the marks that say who speaks
     */
    static ChatPrompts of(Prompts texts, Optional<String> template, Moment now) {
        SpecialIds special = texts.special();
        ChatFormat.Choice choice = ChatFormat.choose(texts.tokenText().tokenizer().orElseThrow(), special, template, now);
        ChatFormat format = choice.format();
        int[] end = format.answerEnd();
        SpecialIds ends = end.length == 1 ? special.withEnds(end) : special;
        return new ChatPrompts(format, new Prompts(texts.tokenText(), ends, texts.vocabSize()),
            format.isOwn() ? List.of(ChatFormat.PLAIN_END, NEXT_TURN) : List.of(), choice.remark());
    }

    /**
     * The ids of a conversation and of the beginning of an answer.
     *
     * @param fields with {@code messages}, as in {@code /v1/chat/completions}
     * @throws ApiFault if the model's template refuses the conversation, e.g. two messages of the user in a row
     */
    public int[] ids(RequestFields fields) {
        List<Message> messages = ChatRequests.messages(fields);
        try {
            return format.prompt(messages);
        } catch (InklingException e) {
            throw ApiFault.field("messages", e.getMessage());
        }
    }
}
