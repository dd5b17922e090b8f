package inkling.tokenizer.bpe;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.errors.ModelFormatException;
import inkling.io.json.JsonFields;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The {@code post_processor} of tokenizer.json: it adds ids before and after the ids of a text. */
public final class PostProcessor {
    private PostProcessor() {}

    /**
     * The ids that the post-processor {@code json} adds before every text.
     *
     * @throws ModelFormatException if it adds ids after a text, or its type or a field is not supported
     */
    static List<Integer> beginning(JsonFields json, int vocabSize) {
        return switch (json.requireString("type")) {
            case "ByteLevel" -> {
                json.rejectUnknown(Set.of("type", "add_prefix_space", "trim_offsets", "use_regex"));   // changes offsets, not ids
                yield List.of();
            }
            case "TemplateProcessing" -> template(json, vocabSize);
            case "Sequence" -> {
                json.rejectUnknown(Set.of("type", "processors"));
                List<Integer> all = new ArrayList<>();
                // the ids of the last processor come first
                json.requireObjects("processors").forEach(each -> all.addAll(0, beginning(each, vocabSize)));
                yield all;
            }
            default -> throw json.fault("type",
                "is not supported: it may add ids after a text. ByteLevel, TemplateProcessing and Sequence are.");
        };
    }

    private static List<Integer> template(JsonFields json, int vocabSize) {
        json.rejectUnknown(Set.of("type", "single", "pair", "special_tokens"));
        List<Integer> before = new ArrayList<>();
        boolean text = false;
        for (JsonFields piece : json.requireObjects("single")) {
            piece.rejectUnknown(Set.of("Sequence", "SpecialToken"));
            if (piece.has("Sequence")) {
                if (text || !piece.requireObject("Sequence").requireString("id").equals("A")) {
                    throw json.fault("single", "must name the text (\"A\") once.");
                }
                text = true;
                continue;
            }
            String token = piece.requireObject("SpecialToken").requireString("id");
            if (text) {
                throw json.fault("single", ("is not supported: it puts \"%s\" after every text, which then cannot be continued. Remove"
                    + " this token, or give another tokenizer with --tokenizer PATH.").formatted(token));
            }
            JsonFields special = json.requireObject("special_tokens").requireObject(token);
            for (long id : special.requireLongs("ids")) {
                if (id < 0 || id >= vocabSize) {
                    throw special.fault("ids", "is outside the vocabulary of %d tokens.".formatted(vocabSize));
                }
                before.add((int) id);
            }
        }
        if (!text) {
            throw json.fault("single", "does not name the text (\"A\").");
        }
        return before;
    }

    /**
     * A post-processor that adds these tokens before and after every text.
     *
     * @param ids the id of each token
     */
    public static ObjectNode template(Optional<String> before, Optional<String> after, Map<String, Integer> ids) {
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("type", "TemplateProcessing");
        pieces(json.putArray("single"), before, after, List.of("A"));
        pieces(json.putArray("pair"), before, after, List.of("A", "B"));
        ObjectNode tokens = json.putObject("special_tokens");
        for (Optional<String> token : List.of(before, after)) {
            token.ifPresent(content -> {
                ObjectNode entry = tokens.putObject(content).put("id", content);
                entry.putArray("ids").add(ids.get(content));
                entry.putArray("tokens").add(content);
            });
        }
        return json;
    }

    private static void pieces(ArrayNode pieces, Optional<String> before, Optional<String> after, List<String> texts) {
        for (int type = 0; type < texts.size(); type++) {
            int id = type;
            before.ifPresent(token -> pieces.addObject().putObject("SpecialToken").put("id", token).put("type_id", id));
            pieces.addObject().putObject("Sequence").put("id", texts.get(type)).put("type_id", id);
            after.ifPresent(token -> pieces.addObject().putObject("SpecialToken").put("id", token).put("type_id", id));
        }
    }
}
