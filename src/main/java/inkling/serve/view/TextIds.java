package inkling.serve.view;

import inkling.serve.api.ServedModel;
import inkling.serve.http.RequestFields;
import java.util.List;
import java.util.stream.Stream;

/**
 * The token ids of the text that a request is about. The request gives the text as {@code prompt}, which becomes ids as in {@code sample};
 * as {@code ids}; or as {@code messages}, a conversation up to where the model answers.
 */
final class TextIds {
    /** The fields that say which model reads which text. */
    static final List<String> FIELDS = List.of("model", "step", "prompt", "ids", "messages");

    private TextIds() {}

    static int[] of(RequestFields fields, ServedModel served) {
        if (Stream.of("prompt", "ids", "messages").filter(fields::has).count() != 1) {
            throw fields.fault("prompt", "is a text; ids or messages may come in its place, and one of them is needed.");
        }
        if (fields.has("prompt")) {
            return served.prompts().ids(fields.requireText("prompt"));
        }
        if (fields.has("messages")) {
            return served.chat().ids(fields);
        }
        return fields.ids("ids", fields.value("ids"), served.config().vocabSize());
    }
}
