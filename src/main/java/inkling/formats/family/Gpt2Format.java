package inkling.formats.family;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.errors.ConfigException;
import inkling.errors.ModelFormatException;
import inkling.formats.keys.GptConfigJson;
import inkling.formats.keys.KnownKeys;
import inkling.io.json.JsonFields;
import inkling.model.GptLayout;
import inkling.model.ParameterSpec;
import inkling.model.config.Activation;
import inkling.model.config.GptConfig;
import inkling.model.config.GptOptions;
import inkling.model.config.Norm;
import inkling.model.config.Positions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** Hugging Face's {@code GPT2LMHeadModel}, as its {@code configuration_gpt2.py} and {@code modeling_gpt2.py} document it. */
public record Gpt2Format() implements ModelFormat {
    static final String PREFIX = "transformer.";
    static final String UNEMBEDDING = "lm_head.weight";
    /** Activations by the names that Transformers gives them ({@code activations.py}). */
    private static final Map<String, Activation> ACTIVATIONS = Map.of("gelu_new", Activation.GELU_TANH, "gelu_pytorch_tanh",
        Activation.GELU_TANH, "gelu_fast", Activation.GELU_TANH, "gelu", Activation.GELU, "relu", Activation.RELU, "relu2",
        Activation.RELU_SQUARED);
    /** The names that are written. An activation that is not here has no name in Transformers. */
    private static final Map<Activation, String> NAMES = Map.of(Activation.GELU_TANH, "gelu_new", Activation.GELU, "gelu",
        Activation.RELU, "relu", Activation.RELU_SQUARED, "relu2");
    /** Other names that Transformers accepts for GPT-2's keys. Here they are accepted only beside GPT-2's own names, with equal values. */
    private static final Map<String, String> OTHER_NAMES = Map.of("hidden_size", "n_embd", "max_position_embeddings", "n_positions",
        "num_attention_heads", "n_head", "num_hidden_layers", "n_layer");
    private static final KnownKeys KEYS = KnownKeys.ofConfig(Set.of("n_layer", "n_head", "n_embd", "n_positions", "n_ctx", "n_inner",
        "resid_pdrop", "activation_function", "layer_norm_epsilon", "scale_attn_weights", "hidden_size", "max_position_embeddings",
        "num_attention_heads", "num_hidden_layers"), Set.of("embd_pdrop", "attn_pdrop", "reorder_and_upcast_attn", "summary_type",
        "summary_use_proj", "summary_activation", "summary_proj_to_labels", "summary_first_dropout", "n_special", "predict_special_tokens",
        "intermediate_size", "hidden_act", "hidden_dropout_prob", "attention_probs_dropout_prob", "type_vocab_size"));

    @Override
    public String modelType() {
        return "gpt2";
    }

    /** Ignores {@code intermediate_size} and {@code hidden_act}, keys of other families, as Transformers does for GPT-2. */
    @Override
    public GptConfig read(JsonFields fields) {
        KEYS.check(fields);
        OTHER_NAMES.forEach((other, own) -> {
            if (fields.has(other) && !fields.has(own)) {
                throw fields.fault(other, "is another name of %s, which is missing: write %s, too.".formatted(own, own));
            }
            if (fields.has(other) && !fields.node().get(other).equals(fields.node().get(own))) {
                throw fields.fault(other, "is another name of %s, and must be the same.".formatted(fields.said(own)));
            }
        });
        if (!fields.optionalBoolean("scale_attn_weights").orElse(true)) {
            throw fields.fault("scale_attn_weights", "is not supported; it must be true.");
        }
        try {
            int nLayer = fields.requireInt("n_layer");
            GptOptions options = GptOptions.DEFAULT.with(o -> o.nLayer(nLayer).nHead(fields.requireInt("n_head"))
                .nEmbd(fields.requireInt("n_embd")).contextLength(fields.requireInt(fields.has("n_positions") ? "n_positions" : "n_ctx"))
                .dropout(fields.optionalDouble("resid_pdrop").orElse(0.1)).activation(activation(fields, "activation_function", "gelu_new"))
                .tieEmbeddings(fields.optionalBoolean("tie_word_embeddings").orElse(true))
                .normEps(fields.optionalDouble("layer_norm_epsilon").orElse(1e-5)));
            OptionalInt inner = fields.optionalInt("n_inner");
            return (inner.isPresent() ? options.with(o -> o.nInner(inner.getAsInt())) : options).over(fields.requireInt("vocab_size"));
        } catch (ConfigException e) {
            throw new ModelFormatException(fields.source() + ": " + e.getMessage(), e);
        }
    }

    /** The activation that {@code key} names, in Transformers' words; if the key is missing, the one named {@code usual}. */
    static Activation activation(JsonFields fields, String key, String usual) {
        String name = fields.optionalString(key).orElse(usual);
        if (!ACTIVATIONS.containsKey(name)) {
            throw fields.fault(key, "is none of " + String.join(", ", ACTIVATIONS.keySet().stream().sorted().toList()) + ".");
        }
        return ACTIVATIONS.get(name);
    }

    /** Transformers' name of the activation; empty for an activation with a gate. */
    static Optional<String> name(Activation activation) {
        return Optional.ofNullable(NAMES.get(activation));
    }

    @Override
    public List<String> obstacles(GptConfig config) {
        List<String> obstacles = new ArrayList<>(GptConfigJson.onlyOurs(config));
        if (config.positions() != Positions.LEARNED) {
            obstacles.add("positions");
        }
        if (config.norm().kind() != Norm.LAYER_NORM) {
            obstacles.add("norm");
        }
        if (config.attention().nKvHead() != config.attention().nHead()) {
            obstacles.add("n_kv_head");
        }
        if (!NAMES.containsKey(config.mlp().activation())) {
            obstacles.add("activation");
        }
        return obstacles;
    }

    @Override
    public ObjectNode write(GptConfig config) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("model_type", modelType());
        node.putArray("architectures").add("GPT2LMHeadModel");
        node.put("vocab_size", config.vocabSize());
        node.put("n_positions", config.contextLength());
        node.put("n_ctx", config.contextLength());
        node.put("n_embd", config.nEmbd());
        node.put("n_layer", config.nLayer());
        node.put("n_head", config.attention().nHead());
        node.put("n_inner", config.mlp().nInner());
        node.put("activation_function", NAMES.get(config.mlp().activation()));
        for (String dropout : List.of("resid_pdrop", "embd_pdrop", "attn_pdrop")) {
            node.put(dropout, config.dropout());
        }
        node.put("layer_norm_epsilon", config.norm().eps());
        node.put("tie_word_embeddings", config.tieEmbeddings());
        node.put("torch_dtype", "float32");
        return node;
    }

    /** Includes every bias, since GPT-2 always has biases. A missing one is exported as zeros, which a load drops again. */
    @Override
    public List<Stored> tensors(GptConfig c) {
        return stored(GptLayout.of(c.with(b -> b.attention(c.attention().with(a -> a.qkvBias(true).outBias(true)))
            .mlp(c.mlp().withBias(true)).norm(c.norm().withBias(true)))));
    }

    /** The parameters as they are, under GPT-2's names. */
    static List<Stored> stored(GptLayout layout) {
        return layout.specs().stream().map(spec -> Stored.same(
            spec.role() == ParameterSpec.Role.UNEMBEDDING ? spec.name() : PREFIX + spec.name(), spec.shape(), spec.name())).toList();
    }

    @Override
    public String prefix() {
        return PREFIX;
    }

    @Override
    public String unembedding() {
        return UNEMBEDDING;
    }
}
