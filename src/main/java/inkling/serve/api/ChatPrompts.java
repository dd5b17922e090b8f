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
 * How a model reads conversations. Its own template is used if that is possible, else Inkling's own form. The command {@code chat} does the
 * same, except for runs that version 0.1 began. The contents of messages are always ordinary text and never become special tokens.
 *
 * @param prompts knows the ids that end an answer
 * @param stops texts that end an answer in Inkling's own form; none for the model's own template
 * @param remark tells the user why the model's own template is not used; empty if it is used, there is none, or it is Inkling's own form
 */
public record ChatPrompts(ChatFormat format, Prompts prompts, List<String> stops, Optional<String> remark) {
    /**
     * Chooses the form of conversations with a model.
     *
     * @param texts how the model reads texts that are not conversations
     * @param template the model's own; empty if it has none
     * @param now the time that the template gets if it asks for the date
     * @throws InklingException if Inkling's own form is chosen, and the vocabulary cannot encode its marks
     */
    static ChatPrompts of(Prompts texts, Optional<String> template, Moment now) {
        SpecialIds special = texts.special();
        ChatFormat.Choice choice = ChatFormat.choose(texts.tokenText().tokenizer().orElseThrow(), special, template, now);
        ChatFormat format = choice.format();
        format.requireMarks();
        int[] end = format.answerEnd();
        SpecialIds ends = end.length == 1 ? special.withEnds(end) : special;
        return new ChatPrompts(format, new Prompts(texts.tokenText(), ends, texts.vocabSize()),
            format.isOwn() ? ChatFormat.OWN_STOPS : List.of(), choice.remark());
    }

    /**
     * The ids of a conversation, up to where the model begins its answer.
     *
     * @param fields have {@code messages}, as in {@code /v1/chat/completions}
     * @throws ApiFault if the messages are wrong, if the model's template refuses them (e.g. two messages of the user in a row), or if the
     *     vocabulary lacks a character
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
