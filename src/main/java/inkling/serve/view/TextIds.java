package inkling.serve.view;

import inkling.serve.api.ServedModel;
import inkling.serve.http.RequestFields;
import java.util.List;
import java.util.stream.Stream;

/**
 * The token ids of the text that a request is about. The request gives the text in one of three fields:
 *
 * <ul>
 *   <li>{@code prompt}: a text, which becomes ids as in the command {@code sample}.
 *   <li>{@code ids}: the ids themselves.
 *   <li>{@code messages}: a conversation up to where the model begins its answer.
 * </ul>
 */
final class TextIds {
    /** The fields that name the model, its checkpoint, and the text. */
    static final List<String> FIELDS = List.of("model", "step", "prompt", "ids", "messages");

    private TextIds() {}

    static int[] of(RequestFields fields, ServedModel served) {
        if (Stream.of("prompt", "ids", "messages").filter(fields::has).count() != 1) {
            throw fields.fault("prompt", "is a text; give exactly one of prompt, ids and messages.");
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
