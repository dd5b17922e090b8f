package inkling.serve.status;

import inkling.serve.api.ServedModel;
import inkling.serve.api.ServedModels;
import inkling.serve.http.Exchange;
import inkling.serve.http.RequestFields;
import inkling.serve.http.Routes;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code /tokenize}: the ids of a text or of a conversation; {@code /detokenize}: the text of ids. */
public final class TokenEndpoints {
    private final ServedModels models;

    public TokenEndpoints(ServedModels models) {
        this.models = models;
    }

    public void addTo(Routes routes) {
        routes.post("/tokenize", this::tokenize);
        routes.post("/detokenize", this::detokenize);
    }

    private void tokenize(Exchange exchange) throws IOException {
        RequestFields fields = exchange.fields();
        fields.refuseOthers(List.of("model", "content", "messages", "add_special", "parse_special", "with_pieces"));
        ServedModel model = models.find(fields.text("model"));
        int[] ids = ids(fields, model);
        boolean pieces = fields.flag("with_pieces").orElse(false);
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("tokens", !pieces ? ids
            : Arrays.stream(ids).mapToObj(id -> Map.of("id", id, "piece", model.tokenizer().piece(id))).toList());
        json.put("count", ids.length);
        exchange.json(json);
    }

    /**
     * The ids of {@code content}, a text, or of {@code messages}, a conversation up to where the model begins its answer. By default, the
     * ids of a text are those that the model reads if the text is its prompt.
     */
    private static int[] ids(RequestFields fields, ServedModel model) {
        if (fields.has("messages")) {
            if (fields.has("content")) {
                throw fields.fault("content", "and messages are two requests: give one of them.");
            }
            return model.chat().ids(fields);
        }
        String content = fields.requireText("content");
        int[] ids = fields.flag("parse_special").orElse(true) ? model.tokenizer().encode(content) : model.tokenizer().encodePlain(content);
        return fields.flag("add_special").orElse(true) ? model.prompts().special().withBeginning(ids) : ids;
    }

    private void detokenize(Exchange exchange) throws IOException {
        RequestFields fields = exchange.fields();
        fields.refuseOthers(List.of("model", "tokens"));
        ServedModel model = models.find(fields.text("model"));
        if (!fields.has("tokens")) {
            throw fields.fault("tokens", "must be a list of ids.");
        }
        int[] ids = fields.ids("tokens", fields.value("tokens"), model.tokenizer().vocabSize());
        exchange.json(Map.of("content", model.tokenizer().decode(ids)));
    }
}
