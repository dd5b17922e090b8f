package inkling.serve.status;

import inkling.generate.TokenText;
import inkling.serve.api.ServedModel;
import inkling.serve.api.ServedModels;
import inkling.serve.http.Exchange;
import inkling.serve.http.Routes;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code /health}, {@code /v1/models} and {@code /props}. */
public final class StatusEndpoints {
    private final ServedModels models;

    public StatusEndpoints(ServedModels models) {
        this.models = models;
    }

    public void addTo(Routes routes) {
        routes.get("/health", exchange -> {
            models.requireLoaded();
            exchange.json(Map.of("status", "ok"));
        });
        for (String path : List.of("/v1/models", "/models")) {
            routes.get(path, this::list);
            routes.get(path + "/{name}", this::one);
        }
        routes.get("/props", this::properties);
    }

    private void list(Exchange exchange) throws IOException {
        if (models.all().isEmpty()) {
            models.requireLoaded(); // a client would take an empty list for the whole list
        }
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("object", "list");
        json.put("data", models.all().stream().map(ServedModel::json).toList());
        exchange.json(json);
    }

    private void one(Exchange exchange) throws IOException {
        exchange.json(models.find(Optional.of(exchange.segment())).json());
    }

    /** Facts about a model that a client needs before its first request; {@code ?model=NAME} if there are several models. */
    private void properties(Exchange exchange) throws IOException {
        ServedModel model = models.find(exchange.query("model"));
        TokenText text = model.model().tokenText();
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("model", model.name());
        json.put("directory", model.model().directory().toString());
        json.put("n_ctx", model.config().contextLength());
        json.put("n_vocab", model.config().vocabSize());
        json.put("n_layer", model.config().nLayer());
        json.put("n_head", model.config().attention().nHead());
        json.put("n_params", model.model().gpt().parameters().count());
        json.put("total_slots", model.batcher().options().slots());
        json.put("cache_bytes", model.batcher().options().cacheBytes());
        json.put("end_tokens", model.prompts().special().ends().stream()
            .map(id -> Map.of("id", id, "token", text.token(id).orElse(""))).toList());
        json.put("chat_template", model.chatTemplate().orElse(null));
        json.put("chat_remark", model.chatRemark().orElse(null));
        json.put("converses", model.hasLearnedToConverse());
        json.put("beginning", model.beginning());
        exchange.json(json);
    }
}
