package inkling.checkpoint;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.io.ConfigException;
import inkling.io.JsonFields;
import inkling.io.ModelFormatException;
import inkling.model.Activation;
import inkling.model.GptConfig;
import inkling.model.GptWeights;
import inkling.model.Norm;
import inkling.model.Positions;
import inkling.model.RopeConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Hugging Face's {@code GPT2LMHeadModel}, as its {@code configuration_gpt2.py} and {@code modeling_gpt2.py} document it. */
record Gpt2Format() implements ModelFormat {
    /** Transformers' names ({@code activations.py}); gelu_new and its kin are the tanh form. */
    private static final Map<String, Activation> ACTIVATIONS = Map.of("gelu_new", Activation.GELU_TANH, "gelu_pytorch_tanh",
        Activation.GELU_TANH, "gelu_fast", Activation.GELU_TANH, "gelu", Activation.GELU, "relu", Activation.RELU, "relu2",
        Activation.RELU_SQUARED);

    @Override
    public String modelType() {
        return "gpt2";
    }

    /** {@code intermediate_size} and {@code hidden_act}, which other models use, mean nothing here, as in Transformers. */
    @Override
    public GptConfig read(JsonFields fields) {
        for (String unsupported : List.of("add_cross_attention", "scale_attn_by_inverse_layer_idx")) {
            if (fields.optionalBoolean(unsupported).orElse(false)) {
                throw fields.fault(unsupported, "is not supported; it must be false.");
            }
        }
        if (!fields.optionalBoolean("scale_attn_weights").orElse(true)) {
            throw fields.fault("scale_attn_weights", "is not supported; it must be true.");
        }
        String activation = fields.optionalString("activation_function").orElse("gelu_new");
        if (!ACTIVATIONS.containsKey(activation)) {
            throw fields.fault("activation_function", "is none of "
                + String.join(", ", ACTIVATIONS.keySet().stream().sorted().toList()) + ".");
        }
        int nEmbd = fields.requireInt("n_embd");
        int nHead = fields.requireInt("n_head");
        try {
            return new GptConfig(fields.requireInt("vocab_size"), fields.requireInt("n_layer"), nHead, nHead, nEmbd,
                fields.optionalInt("n_inner").orElse(GptConfig.defaultInner(nEmbd, Activation.GELU)),
                fields.has("n_positions") ? fields.requireInt("n_positions") : fields.requireInt("n_ctx"),
                fields.optionalDouble("resid_pdrop").orElse(0.1), true, fields.optionalBoolean("tie_word_embeddings").orElse(true),
                Positions.LEARNED, RopeConfig.DEFAULT, Norm.LAYER_NORM, fields.optionalDouble("layer_norm_epsilon").orElse(1e-5),
                ACTIVATIONS.get(activation));
        } catch (ConfigException e) {
            throw new ModelFormatException(fields.source() + ": " + e.getMessage(), e);
        }
    }

    @Override
    public List<String> obstacles(GptConfig config) {
        List<String> obstacles = new ArrayList<>();
        if (config.positions() != Positions.LEARNED) {
            obstacles.add("positions");
        }
        if (config.norm() != Norm.LAYER_NORM) {
            obstacles.add("norm");
        }
        if (config.nKvHead() != config.nHead()) {
            obstacles.add("n_kv_head");
        }
        if (config.activation() == Activation.SWIGLU) {
            obstacles.add("activation");
        }
        return obstacles;
    }

    @Override
    public ObjectNode write(GptConfig config, SpecialIds ids) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("model_type", modelType());
        node.putArray("architectures").add("GPT2LMHeadModel");
        node.put("vocab_size", config.vocabSize());
        node.put("n_positions", config.contextLength());
        node.put("n_ctx", config.contextLength());
        node.put("n_embd", config.nEmbd());
        node.put("n_layer", config.nLayer());
        node.put("n_head", config.nHead());
        node.put("n_inner", config.nInner());
        node.put("activation_function", switch (config.activation()) {
            case GELU_TANH -> "gelu_new";
            case GELU -> "gelu";
            case RELU -> "relu";
            case RELU_SQUARED -> "relu2";
            case SWIGLU -> throw new IllegalArgumentException("GPT-2 has no gate");
        });
        for (String dropout : List.of("resid_pdrop", "embd_pdrop", "attn_pdrop")) {
            node.put(dropout, config.dropout());
        }
        node.put("layer_norm_epsilon", config.normEps());
        node.put("tie_word_embeddings", config.tieEmbeddings());
        node.put("torch_dtype", "float32");
        return ids.into(node);
    }

    /** GPT-2 always has biases: where the architecture has none they are exported as zeros and dropped again on load. */
    @Override
    public List<Stored> tensors(GptConfig c) {
        GptConfig withBias = new GptConfig(c.vocabSize(), c.nLayer(), c.nHead(), c.nKvHead(), c.nEmbd(), c.nInner(), c.contextLength(),
            c.dropout(), true, c.tieEmbeddings(), c.positions(), c.rope(), c.norm(), c.normEps(), c.activation());
        List<Stored> tensors = new ArrayList<>();
        GptWeights.shapes(withBias).forEach((name, shape) ->
            tensors.add(Stored.same(name.startsWith("lm_head.") ? name : prefix() + name, shape, name)));
        return tensors;
    }

    @Override
    public String prefix() {
        return "transformer.";
    }

    /** Old GPT-2 files keep the causal mask as {@code h.N.attn.bias}; {@code c_attn.bias} is a weight. */
    @Override
    public boolean isBuffer(String name) {
        return name.endsWith(".attn.bias") || name.endsWith(".attn.masked_bias");
    }
}
