package inkling.serve.view;

import inkling.inspect.AttentionMap;
import inkling.inspect.Comparison;
import inkling.inspect.ForwardTrace;
import inkling.inspect.LogitLens;
import inkling.inspect.TokenScores;
import inkling.inspect.WordTrace;
import inkling.inspect.embedding.EmbeddingSpace;
import inkling.inspect.embedding.ModelSpace;
import inkling.inspect.embedding.WordLookup;
import inkling.inspect.page.AttentionPage;
import inkling.inspect.page.LensPage;
import inkling.inspect.page.WordTracePage;
import inkling.perf.ParameterTally;
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
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.stream.Stream;

/**
 * Answers {@code /inkling/v1/…}: {@code distribution}, {@code attention}, {@code lens}, {@code score}, {@code compare}, {@code trace},
 * {@code transcript}, {@code neighbors}, {@code sample}, {@code checkpoints}, {@code parameters}. The model runs on its own thread only,
 * between two steps of the texts that it generates. {@link TextIds} reads the text of a request. In requests for all but the last two, the
 * field {@code step} may name another checkpoint of the model's run. With {@code form: page}, {@code attention}, {@code lens} and
 * {@code trace} answer in the form that the scripts of {@code inkling.inspect.page} draw.
 */
public final class ViewEndpoints {
    private static final String PREFIX = "/inkling/v1/";
    private static final int MOST_TOP = 1_000;
    private static final int MOST_NEIGHBORS = 1_000;

    /** The most attention weights in an answer of the form {@code values}: about 20 MB of JSON. */
    private static final long MOST_NUMBERS = 1_000_000;
    /** The most candidates (tokens that could stand at a position) in an answer with many lists of them: about 20 MB of JSON. */
    private static final long MOST_CANDIDATES = 50_000;
    private static final int MOST_AT_A_TIME = 4;

    private final ServedModels models;
    private final Map<ServedModel, Checkpoints> checkpoints = new ConcurrentHashMap<>();
    private final Semaphore places = new Semaphore(MOST_AT_A_TIME); // a view is held in memory until it is sent

    public ViewEndpoints(ServedModels models) {
        this.models = models;
    }

    /** Computes one view: what {@code model} makes of the text {@code ids}, as JSON. */
    private interface View {
        Map<String, Object> of(RequestFields fields, ServedModel served, LoadedModel model, int[] ids);
    }

    public void addTo(Routes routes) {
        add(routes, "distribution", with(SamplingFields.SHAPING, "top", "logits"), this::distribution);
        add(routes, "attention", List.of("layer", "head", "form"), this::attention);
        add(routes, "lens", List.of("top", "last", "form"), this::lens);
        add(routes, "trace", List.of("word", "other", "form"), this::trace);
        add(routes, "score", List.of("top"), (fields, served, model, ids) -> TokenScores.of(model.gpt(), model.manager(), model.tokenText(),
            ids, top(fields, 5, ids.length), TokenScores.LogitRows.NONE).json());
        add(routes, "transcript", with(SamplingFields.SHAPING, "from", "seed"), this::transcript);
        add(routes, "compare", List.of("with", "top"), this::compare);
        routes.post(PREFIX + "neighbors", orUnavailable(this::neighbors));
        routes.post(PREFIX + "sample", orUnavailable(this::sample));
        routes.get(PREFIX + "checkpoints", exchange -> exchange.json(checkpoints(models.find(exchange.query("model"))).json()));
        routes.get(PREFIX + "parameters",
            exchange -> exchange.json(ParameterTally.of(models.find(exchange.query("model")).config()).toJson()));
    }

    private static List<String> with(List<String> fields, String... more) {
        return with(fields, List.of(more));
    }

    private static List<String> with(List<String> fields, List<String> more) {
        return Stream.concat(fields.stream(), more.stream()).toList();
    }

    private void add(Routes routes, String name, List<String> more, View view) {
        routes.post(PREFIX + name, orUnavailable(exchange -> {
            RequestFields fields = exchange.fields();
            fields.refuseOthers(with(TextIds.FIELDS, more));
            ServedModel served = models.find(fields.text("model"));
            int[] ids = TextIds.of(fields, served);
            OptionalLong step = fields.whole("step", 0, Long.MAX_VALUE);
            exchange.json(served.batcher().call(() ->
                checkpoints(served).with(step, model -> view.of(fields, served, model, ids))));
        }));
    }

    /** Answers 503 if too many views are being made, the queue is full, or the server stops. */
    private Endpoint orUnavailable(Endpoint endpoint) {
        return exchange -> {
            if (!places.tryAcquire()) {
                throw ApiFault.unavailable("%d views are being made already. Try again in a second.".formatted(MOST_AT_A_TIME));
            }
            try {
                endpoint.answer(exchange);
            } catch (QueueFullException e) {
                throw ApiFault.unavailable("The queue is full: " + e.getMessage() + " Try again in a second.");
            } catch (ServerStoppingException e) {
                throw ApiFault.unavailable(e.getMessage());
            } finally {
                places.release();
            }
        };
    }

    private static int top(RequestFields fields, int otherwise) {
        return (int) fields.whole("top", 1, MOST_TOP).orElse(otherwise);
    }

    /** @param lists how many lists of {@code top} candidates the answer has */
    private static int top(RequestFields fields, int otherwise, int lists) {
        int top = top(fields, otherwise);
        if ((long) top * lists > MOST_CANDIDATES) {
            throw fields.fault("top", "= %d in %,d places is more than this server sends: take at most %d, or a shorter text."
                .formatted(top, lists, MOST_CANDIDATES / lists));
        }
        return top;
    }

    /** Attention weights of all layers, or of {@code layer}; of all heads, or of {@code head}. Both count from 1. */
    private Map<String, Object> attention(RequestFields fields, ServedModel served, LoadedModel model, int[] ids) {
        int layers = model.gpt().config().nLayer();
        int heads = model.gpt().config().attention().nHead();
        int layer = (int) fields.whole("layer", 1, layers).orElse(0);
        int head = (int) fields.whole("head", 1, heads).orElse(0);
        if (isForPages(fields)) { // packed, even the largest trace takes about 20 MB, as MOST_NUMBERS numbers do
            return AttentionPage.data(AttentionMap.of(trace(model, ids)), layer > 0 ? OptionalInt.of(layer) : OptionalInt.empty(),
                head > 0 ? OptionalInt.of(head) : OptionalInt.empty());
        }
        long numbers = (layer > 0 ? 1L : layers) * (head > 0 ? 1 : heads) * ids.length * ids.length;
        if (numbers > MOST_NUMBERS) {
            throw fields.fault("layer", "or head is needed, or both: %,d numbers are more than this server sends."
                .formatted(numbers));
        }
        AttentionMap map = AttentionMap.of(trace(model, ids));
        float[][][][] chosen = Arrays.stream(map.weights(), layer > 0 ? layer - 1 : 0, layer > 0 ? layer : layers)
            .map(all -> head == 0 ? all : new float[][][] {all[head - 1]}).toArray(float[][][][]::new);
        return new AttentionMap(map.tokens(), map.labels(), chosen).json();
    }

    /** The logit lens (what each layer would predict) at all positions, or at the {@code last} positions. */
    private Map<String, Object> lens(RequestFields fields, ServedModel served, LoadedModel model, int[] ids) {
        int last = (int) fields.whole("last", 1, Integer.MAX_VALUE).orElse(ids.length);
        int from = Math.max(0, ids.length - last);
        int top = top(fields, 5, (model.gpt().config().nLayer() + 1) * (ids.length - from));
        LogitLens lens = LogitLens.of(trace(model, ids), model.gpt(), model.manager(), top, from);
        return isForPages(fields) ? LensPage.data(lens) : lens.json();
    }

    /** The vectors of a word through the layers, in two texts. */
    private Map<String, Object> trace(RequestFields fields, ServedModel served, LoadedModel model, int[] ids) {
        String word = fields.requireText("word");
        String other = fields.requireText("other");
        WordTrace trace = WordTrace.of(word,
            WordTrace.find(word, fields.requireText("prompt"), trace(model, ids), served.tokenizer()),
            WordTrace.find(word, other, trace(model, served.prompts().ids(other)), served.tokenizer()));
        return isForPages(fields) ? WordTracePage.data(trace) : trace.json();
    }

    private static boolean isForPages(RequestFields fields) {
        String form = fields.text("form").orElse("values");
        if (!List.of("values", "page").contains(form)) {
            throw fields.fault("form", "must be values or page.");
        }
        return form.equals("page");
    }

    private static ForwardTrace trace(LoadedModel model, int[] ids) {
        return ForwardTrace.of(model.gpt(), model.manager(), model.tokenText(), ids);
    }

    /** The distribution of the token after a text: what the model predicts, and what the request's sampling fields leave of it. */
    private Map<String, Object> distribution(RequestFields fields, ServedModel served, LoadedModel model, int[] ids) {
        float[][] last = new float[1][];
        TokenScores.of(model.gpt(), model.manager(), model.tokenText(), ids, 0, row -> last[0] = row);
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("ids", ids);
        json.put("pieces", Arrays.stream(ids).mapToObj(model.tokenText()::readable).toList());
        json.putAll(NextDistribution.json(last[0], ids, SamplingFields.options(fields, served, 1, List.of()), top(fields, 200),
            model.tokenText()));
        if (fields.flag("logits").orElse(false)) {
            json.put("logits", base64(last[0]));
        }
        return json;
    }

    /** One HTML file that shows a text. The first {@code from} tokens are the prompt; the model wrote the others. */
    private Map<String, Object> transcript(RequestFields fields, ServedModel served, LoadedModel model, int[] ids) {
        if (ids.length < 2) {
            throw fields.fault("ids", "must be a list of at least two ids: a prompt, and what was written after the prompt.");
        }
        int from = (int) fields.whole("from", 1, ids.length - 1).orElse(1);
        return Map.of("html", WrittenText.html(served.name(), model, ids, from, SamplingFields.options(fields, served, 1, List.of())));
    }

    /** Encodes the values as float32, little-endian, in base 64. */
    private static String base64(float[] values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return Base64.getEncoder().encodeToString(bytes.array());
    }

    /** Compares the predictions after the text alone with those after {@code with} and the text. */
    private Map<String, Object> compare(RequestFields fields, ServedModel served, LoadedModel model, int[] ids) {
        int[] with = served.prompts().ids(fields.requireText("with") + fields.requireText("prompt"));
        return Comparison.of(trace(model, ids), trace(model, with), top(fields, 12)).json();
    }

    private void neighbors(Exchange exchange) throws IOException {
        RequestFields fields = exchange.fields();
        fields.refuseOthers(List.of("model", "step", "word", "id", "top", "matrix"));
        ServedModel served = models.find(fields.text("model"));
        OptionalLong id = fields.whole("id", 0, served.config().vocabSize() - 1L);
        if (id.isPresent() == fields.has("word")) {
            throw fields.fault("word", "(a text) or id (of a token) is needed, and not both.");
        }
        ModelSpace.Matrix matrix = matrix(fields);
        int n = (int) fields.whole("top", 1, MOST_NEIGHBORS).orElse(10);
        OptionalLong step = fields.whole("step", 0, Long.MAX_VALUE);
        EmbeddingSpace space = served.batcher().call(() ->
            checkpoints(served).with(step, model -> ModelSpace.of(model.gpt(), matrix, model.tokenText())));
        EmbeddingSpace.Word word = id.isPresent() ? space.word((int) id.getAsLong())
            : WordLookup.tokenized(space, served.tokenizer(), WordLookup.SeveralTokens.MEAN).find(fields.requireText("word"));
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("word", word.reading());
        json.put("results", space.neighbors(word, n).stream().map(neighbor -> {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("id", neighbor.row());
            one.put("token", neighbor.token());
            one.put("piece", served.model().tokenText().readable(neighbor.row()));
            one.put("similarity", neighbor.similarity());
            return one;
        }).toList());
        exchange.json(json);
    }

    private void sample(Exchange exchange) throws IOException {
        RequestFields fields = exchange.fields();
        fields.refuseOthers(with(with(TextIds.FIELDS, "max_tokens"), SamplingFields.DRAWING));
        ServedModel served = models.find(fields.text("model"));
        exchange.json(CheckpointSample.json(exchange, fields, served, checkpoints(served)));
    }

    /** The checkpoints of a model's run. All requests share the first object that is made; it is closed with the model. */
    private Checkpoints checkpoints(ServedModel model) {
        Checkpoints fresh = new Checkpoints(model);
        Checkpoints known = checkpoints.putIfAbsent(model, fresh);
        if (known != null) {
            return known;
        }
        model.whenClosed(() -> {
            checkpoints.remove(model);
            fresh.close();
        });
        return fresh;
    }

    private static ModelSpace.Matrix matrix(RequestFields fields) {
        String name = fields.text("matrix").orElse("embedding");
        Optional<ModelSpace.Matrix> matrix = Arrays.stream(ModelSpace.Matrix.values())
            .filter(one -> one.name().toLowerCase(Locale.ROOT).equals(name)).findFirst();
        return matrix.orElseThrow(() -> fields.fault("matrix", "must be embedding or unembedding."));
    }
}
