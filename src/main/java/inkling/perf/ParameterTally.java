package inkling.perf;

import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.errors.ConfigException;
import inkling.model.GptLayout;
import inkling.model.ParameterSpec;
import inkling.model.Part;
import inkling.model.config.AttentionConfig;
import inkling.model.config.GptConfig;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Counts where an architecture's parameters are. It needs only the shapes: no weights are read or made.
 *
 * <p>The eight {@link Role}s count the weight matrices. They count the unembedding even if it is the same matrix as the embedding
 * ({@link #tied}). {@link #other} counts everything else. Example: {@code ParameterTally.of(GptPresets.named("gpt3")).total()} is
 * 175,181,291,520, and {@code ParameterTally.of(GptPresets.named("gpt2")).parameters()} is 124,439,808.
 *
 * @param config the architecture
 * @param groups one for each role, in {@link Role} order
 * @param other positions, norms and biases
 * @param tied elements that the roles count twice, because the unembedding is the embedding; 0 if it is not
 */
public record ParameterTally(GptConfig config, List<Group> groups, Other other, long tied) {

    /** What a weight matrix is for. */
    public enum Role {
        EMBEDDING, KEY, QUERY, VALUE, OUTPUT, UP_PROJECTION, DOWN_PROJECTION, UNEMBEDDING;

        /** The JSON key, e.g. {@code up_projection}. */
        public String key() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * The matrices of one role, all of one shape.
     *
     * @param rows inputs of the matrix, as GPT-2 stores it; of embedding and unembedding: tokens
     * @param columns outputs of the matrix; of embedding and unembedding: channels
     * @param count how many matrices. Embedding and unembedding have one each; query, key and value have one for each of their heads in
     *     each layer. The other roles have one for each layer, but a gate adds an up-projection
     */
    public record Group(Role role, long rows, long columns, long count) {
        /** Elements of all matrices of the role. */
        public long parameters() {
            return Math.multiplyExact(Math.multiplyExact(rows, columns), count);
        }
    }

    /** Elements outside the eight roles: position vectors, norms (gains and shifts), biases of linear maps. */
    public record Other(long positions, long layerNorms, long biases) {
        public long total() {
            return Math.addExact(Math.addExact(positions, layerNorms), biases);
        }
    }

    /**
     * What the architecture costs to run.
     *
     * @param trainingFlops of one token, forward and backward, in windows of the whole context ({@link #trainingFlops(int)})
     * @param forwardFlops of one token: a third of {@code trainingFlops}
     * @param float32Bytes of all stored parameters
     * @param bfloat16Bytes of all stored parameters
     * @param kvCacheBytes keys and values kept for one token of context, F32
     * @param adamBytes AdamW's two moments, F32, without the parameters and their gradients
     */
    public record Cost(long trainingFlops, long forwardFlops, long float32Bytes, long bfloat16Bytes, long kvCacheBytes, long adamBytes) {}

    public ParameterTally {
        groups = List.copyOf(groups);
    }

    /**
     * Counts {@code config}.
     *
     * @throws ConfigException if a count does not fit into 63 bits
     */
    public static ParameterTally of(GptConfig config) {
        try {
            ParameterTally tally = new ParameterTally(config, groups(config), other(config), tied(config));
            tally.cost();           // has the largest numbers: if they fit, all do
            return tally;
        } catch (ArithmeticException e) {
            throw new ConfigException(("vocab_size = %d, n_layer = %d, n_embd = %d, n_inner = %d, context_length = %d: the tally does not"
                + " fit into 63 bits. Make them smaller.").formatted(config.vocabSize(), config.nLayer(), config.nEmbd(),
                config.mlp().nInner(), config.contextLength()), e);
        }
    }

    private static List<Group> groups(GptConfig config) {
        GptLayout layout = GptLayout.of(config);
        long V = config.vocabSize();
        long C = config.nEmbd();
        long L = config.nLayer();
        AttentionConfig attention = config.attention();
        return List.of(
            new Group(Role.EMBEDDING, V, C, 1),
            new Group(Role.KEY, C, attention.headSize(), L * attention.nKvHead()),      // one for each head, side by side in one matrix
            new Group(Role.QUERY, C, attention.headSize(), L * attention.nHead()),
            new Group(Role.VALUE, C, attention.headSize(), L * attention.nKvHead()),
            group(Role.OUTPUT, layout.shape(Part.ATTENTION_OUT), L),
            group(Role.UP_PROJECTION, layout.shape(Part.MLP_UP), config.mlp().gated() ? 2 * L : L),
            group(Role.DOWN_PROJECTION, layout.shape(Part.MLP_OUT), L),
            new Group(Role.UNEMBEDDING, V, C, 1));
    }

    private static Group group(Role role, Shape shape, long count) {
        return new Group(role, shape.get(0), shape.get(1), count);
    }

    private static Other other(GptConfig config) {
        long positions = 0;
        long norms = 0;
        long biases = 0;
        for (ParameterSpec spec : GptLayout.of(config).specs()) {
            switch (spec.role()) {
                case POSITION_EMBEDDING -> positions += spec.shape().size();
                case NORM_GAIN, NORM_BIAS -> norms += spec.shape().size();
                case LINEAR_BIAS -> biases += spec.shape().size();
                case TOKEN_EMBEDDING, LINEAR, UNEMBEDDING, ADAPTER -> { } // counted by a role, or not part of the architecture
            }
        }
        return new Other(positions, norms, biases);
    }

    private static long tied(GptConfig config) {
        return config.tieEmbeddings() ? (long) config.vocabSize() * config.nEmbd() : 0;
    }

    /** The matrices of {@code role}. */
    public Group group(Role role) {
        return groups.get(role.ordinal());
    }

    /**
     * Where the stored parameters are: for each place, how many parameters of each kind it has. The sum is {@link #parameters}.
     *
     * <ul>
     * <li>Places, in the order in which a token meets them: {@code embedding}, {@code positions}, {@code block 1} …, {@code final norm},
     *     {@code unembedding}. Positions are left out if the model learns no position vectors, the unembedding if it is the embedding.
     * <li>Kinds: {@code embedding} (also of positions and unembedding), {@code attention}, {@code mlp}, {@code norms}. A bias has the kind
     *     of its layer.
     * </ul>
     */
    public Map<String, Map<String, Long>> places() {
        Map<String, Map<String, Long>> places = new LinkedHashMap<>();
        GptLayout layout = GptLayout.of(config);
        Map<String, String> kinds = kinds(layout);
        for (ParameterSpec spec : layout.specs()) {
            String place = spec.block().isPresent() ? "block " + (spec.block().getAsInt() + 1) : switch (spec.role()) {
                case TOKEN_EMBEDDING -> "embedding";
                case POSITION_EMBEDDING -> "positions";
                case UNEMBEDDING -> "unembedding";
                case NORM_GAIN, NORM_BIAS, LINEAR, LINEAR_BIAS, ADAPTER -> "final norm";
            };
            String kind = kinds.getOrDefault(spec.name(), place.equals("final norm") ? "norms" : "embedding");
            places.computeIfAbsent(place, p -> new LinkedHashMap<>()).merge(kind, spec.shape().size(), Math::addExact);
        }
        return places;
    }

    /** The kind of each parameter of a block, by the parameter's name: {@code attention}, {@code mlp} or {@code norms}. */
    private Map<String, String> kinds(GptLayout layout) {
        Map<String, String> kinds = new HashMap<>();
        for (int block = 0; block < config.nLayer(); block++) {
            for (Part part : layout.parts()) {
                String kind = switch (part) {
                    case QKV, ATTENTION_OUT -> "attention";
                    case MLP_GATE, MLP_UP, MLP_OUT -> "mlp";
                    case ATTENTION_NORM, QUERY_NORM, KEY_NORM, ATTENTION_POST_NORM, MLP_NORM, MLP_POST_NORM -> "norms";
                };
                GptLayout.Weights weights = layout.weights(block, part);
                kinds.put(weights.weight(), kind);
                weights.bias().ifPresent(bias -> kinds.put(bias, kind));
            }
        }
        return kinds;
    }

    /** Sum of the eight roles. */
    public long total() {
        return groups.stream().mapToLong(Group::parameters).reduce(0, Math::addExact);
    }

    /** Stored parameters: {@code total + other − tied}, the elements of the model's weight file. */
    public long parameters() {
        return Math.addExact(total(), other.total()) - tied;
    }

    /** How many matrices the roles count: 2 + L·(n_head + 2·n_kv_head + 3), and with a gate one more for each layer. */
    public long matrices() {
        return groups.stream().mapToLong(Group::count).sum();
    }

    /**
     * FLOPs of training, for one token in windows of T = {@code columns}: 6·N + 12·L·nh·hs·T (Chowdhery et al. 2022, arXiv:2204.02311,
     * appendix B). N counts the stored parameters without positions and without an untied embedding, which is looked up, not multiplied.
     * For a block with a shorter window, T is that window. The forward pass alone takes a third.
     */
    public long trainingFlops(int columns) {
        long lookedUp = config.tieEmbeddings() ? 0 : group(Role.EMBEDDING).parameters();
        long multiplied = parameters() - other.positions() - lookedUp;
        long read = IntStream.range(0, config.nLayer()).mapToLong(block -> Math.min(columns, config.window(block))).sum();
        long attention = Math.multiplyExact(read, (long) config.attention().queryWidth());
        return Math.addExact(Math.multiplyExact(6, multiplied), Math.multiplyExact(12, attention));
    }

    /**
     * As {@link #trainingFlops(int)}, if only the parameters of {@code layout} that {@code trained} names are trained. A frozen weight
     * needs no gradient, which saves a third of its FLOPs; attention's own FLOPs stay.
     */
    double trainingFlops(int columns, GptLayout layout, List<String> trained) {
        long all = layout.specs().stream().mapToLong(spec -> spec.shape().size()).sum();
        double frozen = 1 - (double) trained.stream().mapToLong(name -> layout.spec(name).shape().size()).sum() / all;
        return trainingFlops(columns) - frozen * trainingFlops(0) / 3;   // with 0 columns: 6·N
    }

    /** FLOPs and bytes; see {@link Cost}. */
    public Cost cost() {
        long parameters = parameters();
        long training = trainingFlops(config.contextLength());
        long kvElements = Math.multiplyExact(2L * config.nLayer(), (long) config.attention().kvWidth());
        return new Cost(training, training / 3, Math.multiplyExact(4, parameters), Math.multiplyExact(2, parameters),
            Math.multiplyExact(4, kvElements), Math.multiplyExact(8, parameters));
    }

    /**
     * The tally as JSON. Its keys are {@code categories, total, other, tied, parameters, matrices}, then {@code shapes} (rows, columns,
     * count of each role), {@code places} ({@link #places}) and {@code cost}.
     */
    public ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        ObjectNode categories = json.putObject("categories");
        groups.forEach(group -> categories.put(group.role().key(), group.parameters()));
        json.put("total", total());
        json.putObject("other").put("positions", other.positions()).put("layer_norms", other.layerNorms()).put("biases", other.biases());
        json.put("tied", tied).put("parameters", parameters()).put("matrices", matrices());
        ObjectNode shapes = json.putObject("shapes");
        groups.forEach(group -> shapes.putObject(group.role().key())
            .put("rows", group.rows()).put("columns", group.columns()).put("count", group.count()));
        ArrayNode list = json.putArray("places");
        places().forEach((place, sizes) -> {
            ObjectNode one = list.addObject().put("place", place);
            sizes.forEach(one::put);
        });
        Cost cost = cost();
        json.putObject("cost")
            .put("training_flops_per_token", cost.trainingFlops()).put("forward_flops_per_token", cost.forwardFlops())
            .put("float32_bytes", cost.float32Bytes()).put("bfloat16_bytes", cost.bfloat16Bytes())
            .put("kv_cache_bytes_per_token", cost.kvCacheBytes()).put("adam_bytes", cost.adamBytes());
        return json;
    }

    /** The tally for a terminal; see {@link TallyTable}. */
    public String toText() {
        return TallyTable.of(this);
    }
}
