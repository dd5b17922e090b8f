package inkling.serve.view;

import com.fasterxml.jackson.databind.JsonNode;
import inkling.inspect.AttentionMap;
import inkling.inspect.Comparison;
import inkling.inspect.ForwardTrace;
import inkling.inspect.LogitLens;
import inkling.inspect.TokenScores;
import inkling.inspect.embedding.EmbeddingSpace;
import inkling.inspect.embedding.ModelSpace;
import inkling.inspect.embedding.WordLookup;
import inkling.run.LoadedModel;
import inkling.serve.api.SamplingFields;
import inkling.serve.api.ServedModel;
import inkling.serve.api.ServedModels;
import inkling.serve.batch.QueueFullException;
import inkling.serve.batch.ServerStoppingException;
import inkling.serve.http.ApiFault;
import inkling.serve.http.Endpoint;
import inkling.serve.http.Exchange;
import inkling.serve.http.RequestFields;
import inkling.serve.http.Routes;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * {@code distribution}, {@code attention}, {@code lens}, {@code score}, {@code compare}, {@code neighbors} and {@code checkpoints}. Each view
 * is computed between two steps of the texts under way, by the model's own thread. A text comes as {@code prompt}, {@code ids} or
 * {@code messages}; {@code step} names another checkpoint of the model's run.
 */
public final class ViewEndpoints {
    private static final String PREFIX = "/inkling/v1/";
    private static final List<String> TEXT = List.of("model", "step", "prompt", "ids", "messages");
    private static final int MOST_TOP = 1_000;
    private static final int MOST_NEIGHBORS = 1_000;

    private final ServedModels models;

    public ViewEndpoints(ServedModels models) {
        this.models = models;
    }

    /** What a view makes of a model and the ids of a text. */
    private interface View {
        Map<String, Object> of(RequestFields fields, ServedModel served, LoadedModel model, int[] ids);
    }

    public void addTo(Routes routes) {
        add(routes, "distribution", List.of("top", "temperature", "top_k", "top_p", "min_p", "repetition_penalty", "repeat_penalty",
            "logit_bias"), this::distribution);
        add(routes, "attention", List.of(), (fields, served, model, ids) -> AttentionMap.of(trace(model, ids)).json());
        add(routes, "lens", List.of("top"), (fields, served, model, ids) ->
            LogitLens.of(trace(model, ids), model.gpt(), model.manager(), top(fields, 5)).json());
        add(routes, "score", List.of("top"), (fields, served, model, ids) ->
            TokenScores.of(model.gpt(), model.manager(), model.tokenText(), ids, top(fields, 5), TokenScores.LogitRows.NONE).json());
        add(routes, "compare", List.of("with", "top"), this::compare);
        routes.post(PREFIX + "neighbors", orUnavailable(this::neighbors));
        routes.get(PREFIX + "checkpoints", exchange -> exchange.json(Checkpoints.json(models.find(exchange.query("model")))));
    }

    private void add(Routes routes, String name, List<String> more, View view) {
        routes.post(PREFIX + name, orUnavailable(exchange -> {
            RequestFields fields = exchange.fields();
            fields.refuseOthers(Stream.concat(TEXT.stream(), more.stream()).toList());
            ServedModel served = models.find(fields.text("model"));
            int[] ids = ids(fields, served);
            OptionalLong step = fields.whole("step", 0, Long.MAX_VALUE);
            exchange.json(served.batcher().call(() ->
                Checkpoints.with(served, step, model -> view.of(fields, served, model, ids))));
        }));
    }

    private static Endpoint orUnavailable(Endpoint endpoint) {
        return exchange -> {
            try {
                endpoint.answer(exchange);
            } catch (QueueFullException e) {
                throw ApiFault.unavailable("The queue is full: " + e.getMessage() + " Try again in a second.");
            } catch (ServerStoppingException e) {
                throw ApiFault.unavailable(e.getMessage());
            }
        };
    }

    /** A text as {@code sample} reads it, ids as they are, or a conversation up to where the model answers. */
    private static int[] ids(RequestFields fields, ServedModel served) {
        if (Stream.of("prompt", "ids", "messages").filter(fields::has).count() != 1) {
            throw fields.fault("prompt", "is a text; ids or messages may come in its place, and one of them is needed.");
        }
        if (fields.has("prompt")) {
            return served.prompts().ids(fields.requireText("prompt"));
        }
        if (fields.has("messages")) {
            return served.chat().ids(fields);
        }
        JsonNode list = fields.value("ids");
        int most = served.config().vocabSize() - 1;
        return IntStream.range(0, list.isArray() ? list.size() : 0).map(i -> {
            if (!list.get(i).isIntegralNumber() || list.get(i).asLong() < 0 || list.get(i).asLong() > most) {
                throw fields.fault("ids", "has ids from 0 to %d; number %d of them is none.".formatted(most, i + 1));
            }
            return list.get(i).asInt();
        }).toArray();
    }

    private static int top(RequestFields fields, int otherwise) {
        return (int) fields.whole("top", 1, MOST_TOP).orElse(otherwise);
    }

    private static ForwardTrace trace(LoadedModel model, int[] ids) {
        return ForwardTrace.of(model.gpt(), model.manager(), model.tokenText(), ids);
    }

    /** The whole vocabulary after a text: what is likely, and what the given sampling leaves of it. */
    private Map<String, Object> distribution(RequestFields fields, ServedModel served, LoadedModel model, int[] ids) {
        float[][] last = new float[1][];
        TokenScores.of(model.gpt(), model.manager(), model.tokenText(), ids, 0, row -> last[0] = row);
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("ids", ids);
        json.put("pieces", Arrays.stream(ids).mapToObj(model.tokenText()::readable).toList());
        json.putAll(NextDistribution.json(last[0], ids, SamplingFields.options(fields, served, 1, List.of()), top(fields, 200),
            model.tokenText()));
        return json;
    }

    /** The same text with another in front. */
    private Map<String, Object> compare(RequestFields fields, ServedModel served, LoadedModel model, int[] ids) {
        int[] with = served.prompts().ids(fields.requireText("with") + fields.requireText("prompt"));
        return Comparison.of(trace(model, ids), trace(model, with), top(fields, 12)).json();
    }

    private void neighbors(Exchange exchange) throws IOException {
        RequestFields fields = exchange.fields();
        fields.refuseOthers(List.of("model", "step", "word", "top", "matrix"));
        ServedModel served = models.find(fields.text("model"));
        String word = fields.requireText("word");
        ModelSpace.Matrix matrix = matrix(fields);
        int n = (int) fields.whole("top", 1, MOST_NEIGHBORS).orElse(10);
        OptionalLong step = fields.whole("step", 0, Long.MAX_VALUE);
        EmbeddingSpace space = served.batcher().call(() ->
            Checkpoints.with(served, step, model -> ModelSpace.of(model.gpt(), matrix, model.tokenText())));
        WordLookup words = WordLookup.tokenized(space, served.tokenizer(), WordLookup.SeveralTokens.MEAN);
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("results", space.neighbors(words.find(word), n).stream()
            .map(neighbor -> Map.of("token", neighbor.token(), "similarity", neighbor.similarity())).toList());
        exchange.json(json);
    }

    private static ModelSpace.Matrix matrix(RequestFields fields) {
        String name = fields.text("matrix").orElse("embedding");
        Optional<ModelSpace.Matrix> matrix = Arrays.stream(ModelSpace.Matrix.values())
            .filter(one -> one.name().toLowerCase(Locale.ROOT).equals(name)).findFirst();
        return matrix.orElseThrow(() -> fields.fault("matrix", "must be embedding or unembedding."));
    }
}
