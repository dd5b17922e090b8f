package inkling.serve.api;

import inkling.data.chat.ChatFormat;
import inkling.generate.Prompts;
import inkling.run.LoadedModel;
import inkling.serve.http.RequestFields;
import inkling.tokenizer.SpecialIds;
import inkling.tokenizer.Tokenizer;
import java.util.List;
import java.util.Optional;

/**
 * Conversations as a model reads them, with its own marks and, where it has a known one, its own template. What people wrote is always
 * ordinary text and never becomes a special token.
 *
 * @param prompts with the ids that end an answer
 * @param stops texts that end an answer, where the vocabulary has no id for that
 * @param remark for the user where the model's own template could not be followed
 */
public record ChatPrompts(ChatFormat format, Prompts prompts, List<String> stops, Optional<String> remark) {
    private static final String NEXT_TURN = "<|user|>";

    static ChatPrompts of(LoadedModel model, Tokenizer tokenizer) {
        SpecialIds special = model.specialIds();
        ChatFormat.Choice choice = model.chatFormat();
        ChatFormat format = choice.format();
        int[] end = format.answerEnd();
        SpecialIds ends = end.length == 1 ? special.withEnds(end) : special;
        return new ChatPrompts(format, new Prompts(model.tokenText(), ends, model.gpt().config().vocabSize()),
            format.isOwn() ? List.of(ChatFormat.PLAIN_END, NEXT_TURN) : List.of(), choice.remark());
    }

    /**
     * The ids of a conversation and of the beginning of an answer.
     *
     * @param fields with {@code messages}, as in {@code /v1/chat/completions}
     */
    public int[] ids(RequestFields fields) {
        return format.prompt(ChatRequests.messages(fields));
    }
}
