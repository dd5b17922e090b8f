package inkling.formats.family;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.config.Keys;
import inkling.errors.ConfigException;
import inkling.errors.ModelFormatException;
import inkling.formats.keys.GptConfigJson;
import inkling.formats.keys.KnownKeys;
import inkling.formats.keys.RopeSettings;
import inkling.io.json.JsonFields;
import inkling.model.GptLayout;
import inkling.model.GptLayout.Weights;
import inkling.model.Part;
import inkling.model.config.Activation;
import inkling.model.config.GptConfig;
import inkling.model.config.GptOptions;
import inkling.model.config.Norm;
import inkling.model.config.Positions;
import inkling.model.config.QkNorm;
import inkling.model.config.RopeConfig;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A family that differs from Llama in a few things. This class reads and writes Llama's keys in config.json, and names tensors as Llama
 * does; a subclass adds what is different. Linear weights are (out, in). Rotary pairs are those of our parameters: if rope turns d
 * channels of a head, channels i and i + d/2 are a pair.
 *
 * <p>A key that a family does not list is refused, unless its value turns it off ({@link KnownKeys}). So this class may read, for all
 * families, a key that only some have, e.g. {@code mlp_bias}. If a family does not list the key, the key is missing or off.
 *
 * <p>There is no list of what a family can express. A family can express an architecture if {@link #read} gives the same architecture again
 * from what {@link #write} wrote ({@link #obstacles}).
 */
abstract non-sealed class LlamaKin implements ModelFormat {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    static final String THETA = "rope_theta";
    private static final Set<String> COMMON = Set.of("hidden_size", "num_attention_heads", "num_hidden_layers", "intermediate_size",
        "max_position_embeddings", "attention_dropout", "hidden_act", "layer_types", THETA, "rope_scaling", "rope_parameters",
        "partial_rotary_factor");

    private final String modelType;
    private final String architecture;
    private final KnownKeys keys;

    /**
     * @param architecture the family's class in Transformers
     * @param read the family's keys beyond {@link #COMMON}. Of these, this class reads {@code head_dim}, {@code attention_bias},
     *     {@code mlp_bias}, {@code num_key_value_heads} and {@code rms_norm_eps} (1e-6 if missing). The subclass reads the others. It
     *     reads one of these five again if the family has another default for it
     * @param harmless keys that change nothing here
     */
    LlamaKin(String modelType, String architecture, Set<String> read, Set<String> harmless) {
        this.modelType = modelType;
        this.architecture = architecture;
        Set<String> all = new HashSet<>(COMMON);
        all.addAll(read);
        this.keys = KnownKeys.ofConfig(all, harmless);
    }

    /** The options of this family: {@code llama}, which this class has read from {@code fields}, changed where the family differs. */
    abstract GptOptions own(JsonFields fields, GptOptions llama);

    /** Adds the family's own keys to the common ones, or removes some. */
    abstract void writeOwn(GptConfig config, ObjectNode node);

    /** The base of the rotary wavelengths, if config.json names none. */
    double usualTheta() {
        return 10_000;
    }

    /** Whether the unembedding is tied to the embedding, if config.json does not say. */
    boolean usuallyTied() {
        return false;
    }

    /** Channels of a head, if config.json does not say; empty for C / nh. */
    Optional<Integer> usualHeadSize() {
        return Optional.empty();
    }

    @Override
    public final String modelType() {
        return modelType;
    }

    @Override
    public final GptConfig read(JsonFields fields) {
        keys.check(fields);
        if (fields.requireInt("num_hidden_layers") < 1) {     // here, before the families' lists of layers are read
            throw fields.fault("num_hidden_layers", "must be positive.");
        }
        try {
            return own(fields, common(fields)).over(fields.requireInt("vocab_size"));
        } catch (ConfigException e) {
            throw new ModelFormatException(fields.source() + ": " + e.getMessage(), e);
        }
    }

    private GptOptions common(JsonFields fields) {
        int heads = fields.requireInt("num_attention_heads");
        Optional<Integer> headSize = fields.has("head_dim") ? Optional.of(fields.requireInt("head_dim")) : usualHeadSize();
        int channels = headSize.orElse(heads > 0 ? fields.requireInt("hidden_size") / heads : 0);
        boolean attentionBias = fields.optionalBoolean("attention_bias").orElse(false);
        return GptOptions.DEFAULT.with(o -> o.nLayer(fields.requireInt("num_hidden_layers")).nHead(heads).headSize(headSize)
            .nKvHead(fields.optionalInt("num_key_value_heads").orElse(heads)).nEmbd(fields.requireInt("hidden_size"))
            .nInner(fields.requireInt("intermediate_size")).contextLength(contextLength(fields))
            .dropout(fields.optionalDouble("attention_dropout").orElse(0)).bias(false).qkvBias(attentionBias).outBias(attentionBias)
            .mlpBias(fields.optionalBoolean("mlp_bias").orElse(false))
            .tieEmbeddings(fields.optionalBoolean("tie_word_embeddings").orElse(usuallyTied())).positions(Positions.ROPE)
            .rope(rope(fields)).rotaryChannels(rotaryChannels(fields, channels)).norm(Norm.RMS_NORM)
            .normEps(fields.optionalDouble("rms_norm_eps").orElse(1e-6)).activation(activation(fields)));
    }

    /** The rotary positions of all layers that have some; in Gemma 3, of the layers without a window. */
    RopeConfig rope(JsonFields fields) {
        return RopeSettings.of(fields, THETA, usualTheta()).rope();
    }

    /** How many channels of a head the rotary positions turn; empty for all. */
    Optional<Integer> rotaryChannels(JsonFields fields, int headSize) {
        return Optional.empty();
    }

    int contextLength(JsonFields fields) {
        return fields.requireInt("max_position_embeddings");
    }

    Activation activation(JsonFields fields) {
        String name = fields.optionalString("hidden_act").orElse("silu");
        if (!name.equals("silu") && !name.equals("swish")) {
            throw fields.fault("hidden_act", "is not supported; silu is.");
        }
        return Activation.SWIGLU;
    }

    @Override
    public final List<String> obstacles(GptConfig config) {
        GptConfig again;
        try {
            again = read(JsonFields.of(modelType, write(config)));
        } catch (ModelFormatException e) {   // e.g. rope cannot turn heads of odd size, or C / nh is no whole number
            return List.of("head_size");
        }
        if (again.equals(config)) {
            return List.of();
        }
        JsonNode wanted = GptConfigJson.write(config);
        JsonNode said = GptConfigJson.write(again);
        return Keys.of(GptOptions.class).stream().map(Keys.SectionKey::name)
            .filter(key -> !wanted.path(key).equals(said.path(key))).toList();
    }

    @Override
    public final ObjectNode write(GptConfig config) {
        ObjectNode node = JSON.objectNode();
        node.put("model_type", modelType);
        node.putArray("architectures").add(architecture);
        node.put("vocab_size", config.vocabSize());
        node.put("max_position_embeddings", config.contextLength());
        node.put("hidden_size", config.nEmbd());
        node.put("intermediate_size", config.mlp().nInner());
        node.put("num_hidden_layers", config.nLayer());
        node.put("num_attention_heads", config.attention().nHead());
        putIfKnown(node, "num_key_value_heads", JSON.numberNode(config.attention().nKvHead()));
        putIfKnown(node, "head_dim", JSON.numberNode(config.attention().headSize()));
        node.put("hidden_act", "silu");
        putIfKnown(node, "attention_bias", JSON.booleanNode(config.attention().outBias()));
        putIfKnown(node, "mlp_bias", JSON.booleanNode(config.mlp().bias()));
        node.put("attention_dropout", config.dropout());
        putIfKnown(node, "rms_norm_eps", JSON.numberNode(config.norm().eps()));
        RopeSettings.write(node, config.rope());
        node.put("tie_word_embeddings", config.tieEmbeddings());
        node.put("torch_dtype", "float32");
        writeOwn(config, node);
        return node;
    }

    private void putIfKnown(ObjectNode node, String key, JsonNode value) {
        if (keys.read().contains(key)) {
            node.set(key, value);
        }
    }

    @Override
    public final List<Stored> tensors(GptConfig config) {
        GptLayout layout = GptLayout.of(config);
        List<Stored> tensors = new ArrayList<>();
        tensors.add(same(embedding(), layout.tokenEmbedding(), layout));
        for (int block = 0; block < config.nLayer(); block++) {
            for (Part part : layout.parts()) {
                tensors.addAll(tensors(new Block(prefix() + "layers." + block + ".", block, layout, config), part));
            }
        }
        tensors.addAll(norm(finalNorm(), layout.finalNorm(), config.nEmbd()));
        if (!config.tieEmbeddings()) {
            tensors.add(same(unembedding(), layout.unembedding(), layout));
        }
        return tensors;
    }

    private static Stored same(String theirs, String ours, GptLayout layout) {
        return Stored.same(theirs, layout.spec(ours).shape(), ours);
    }

    String embedding() {
        return "model.embed_tokens.weight";
    }

    String finalNorm() {
        return "model.norm";
    }

    @Override
    public String prefix() {
        return "model.";
    }

    @Override
    public String unembedding() {
        return "lm_head.weight";
    }

    /**
     * A block of a model.
     *
     * @param name how the names of the block's tensors begin in the family's files: {@code model.layers.3.}
     */
    record Block(String name, int index, GptLayout layout, GptConfig config) {
        Weights ours(Part part) {
            return layout.weights(index, part);
        }

        List<Stored> norm(String theirs, Part part, long width) {
            return LlamaKin.norm(name + theirs, ours(part), width);
        }

        /** The family's weight, and bias if any, that hold {@code out} columns of our linear {@code part}, from {@code column} on. */
        List<Stored> linear(String theirs, Part part, long column, long out) {
            return linear(theirs, part, List.of(new Piece(ours(part), column, out)));
        }

        /**
         * The family's weight, and bias if any, that hold several pieces of our linears. The linears of all pieces take as many inputs
         * as {@code part}.
         */
        List<Stored> linear(String theirs, Part part, List<Piece> pieces) {
            return Stored.linear(name + theirs, layout.shape(part).get(0), pieces);
        }
    }

    /** The tensors in which the family stores one of our norms or linears. */
    List<Stored> tensors(Block block, Part part) {
        GptConfig config = block.config();
        long c = config.nEmbd();
        long q = config.attention().queryWidth();
        long kv = config.attention().kvWidth();
        long inner = config.mlp().nInner();
        boolean normAfter = config.norm().placement().after();
        return switch (part) {
            case ATTENTION_NORM -> block.norm("input_layernorm", part, c);
            case ATTENTION_POST_NORM -> block.norm("post_attention_layernorm", part, c);
            case MLP_NORM -> block.norm(normAfter ? "pre_feedforward_layernorm" : "post_attention_layernorm", part, c);
            case MLP_POST_NORM -> block.norm("post_feedforward_layernorm", part, c);
            case QUERY_NORM -> headNorm(block, part, "self_attn.q", config.attention().nHead());
            case KEY_NORM -> headNorm(block, part, "self_attn.k", config.attention().nKvHead());
            case QKV -> {
                List<Stored> three = new ArrayList<>(block.linear("self_attn.q_proj", part, 0, q));
                three.addAll(block.linear("self_attn.k_proj", part, q, kv));
                three.addAll(block.linear("self_attn.v_proj", part, q + kv, kv));
                yield three;
            }
            case ATTENTION_OUT -> block.linear("self_attn.o_proj", part, 0, c);
            case MLP_GATE -> block.linear("mlp.gate_proj", part, 0, inner);
            case MLP_UP -> block.linear("mlp.up_proj", part, 0, inner);
            case MLP_OUT -> block.linear("mlp.down_proj", part, 0, c);
        };
    }

    /** The norm of queries or keys: one weight (hs) for all heads, or one (heads · hs) for all channels. */
    List<Stored> headNorm(Block block, Part part, String theirs, int heads) {
        int hs = block.config().attention().headSize();
        return block.norm(theirs + "_norm", part, block.config().attention().qkNorm() == QkNorm.HEAD ? hs : (long) heads * hs);
    }

    /** A norm's weight (width), and its bias where it has one. */
    static List<Stored> norm(String theirs, Weights ours, long width) {
        List<Stored> stored = new ArrayList<>(List.of(Stored.part(theirs + ".weight", ours.weight(), 0, width)));
        ours.bias().ifPresent(bias -> stored.add(Stored.part(theirs + ".bias", bias, 0, width)));
        return stored;
    }
}
