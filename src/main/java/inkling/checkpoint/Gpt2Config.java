package inkling.checkpoint;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.io.ConfigException;
import inkling.io.JsonFields;
import inkling.io.ModelFormatException;
import inkling.model.Activation;
import inkling.model.GptConfig;
import inkling.model.Norm;
import inkling.model.Positions;
import inkling.model.RopeConfig;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Predicate;

/** config.json of Hugging Face's {@code GPT2LMHeadModel}, as its {@code configuration_gpt2.py} documents the keys. */
final class Gpt2Config {
    static final String MODEL_TYPE = "gpt2";

    /** Transformers' names ({@code activations.py}); gelu_new and its kin are the tanh form. */
    private static final Map<String, Activation> ACTIVATIONS = Map.of("gelu_new", Activation.GELU_TANH, "gelu_pytorch_tanh",
        Activation.GELU_TANH, "gelu_fast", Activation.GELU_TANH, "gelu", Activation.GELU, "relu", Activation.RELU, "relu2",
        Activation.RELU_SQUARED);

    private Gpt2Config() {}

    /** The options, named as in a run file, that GPT-2's config cannot say; empty if it can say all. */
    static List<String> obstacles(GptConfig config) {
        Map<String, Predicate<GptConfig>> fits = new java.util.LinkedHashMap<>();
        fits.put("positions", c -> c.positions() == Positions.LEARNED);
        fits.put("norm", c -> c.norm() == Norm.LAYER_NORM);
        fits.put("n_kv_head", c -> c.nKvHead() == c.nHead());
        fits.put("activation", c -> c.activation() != Activation.SWIGLU);
        return fits.keySet().stream().filter(option -> !fits.get(option).test(config)).toList();
    }

    static ObjectNode write(GptConfig config, OptionalInt endOfText) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("model_type", MODEL_TYPE);
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
        endOfText.ifPresentOrElse(id -> node.put("bos_token_id", id).put("eos_token_id", id),
            () -> node.putNull("bos_token_id").putNull("eos_token_id"));
        return node;
    }

    /** {@code intermediate_size} and {@code hidden_act}, which other models use, mean nothing here, as in Transformers. */
    static GptConfig read(JsonFields fields) {
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
            throw fields.fault("activation_function", "is none of " + String.join(", ", ACTIVATIONS.keySet().stream().sorted().toList()) + ".");
        }
        int nEmbd = fields.requireInt("n_embd");
        int nHead = fields.requireInt("n_head");
        try {
            return new GptConfig(fields.requireInt("vocab_size"), fields.requireInt("n_layer"), nHead, nHead, nEmbd,
                fields.optionalInt("n_inner").orElse(GptConfig.defaultInner(Math.min(nEmbd, 1 << 24), Activation.GELU)),
                fields.has("n_positions") ? fields.requireInt("n_positions") : fields.requireInt("n_ctx"),
                fields.optionalDouble("resid_pdrop").orElse(0.1), true, fields.optionalBoolean("tie_word_embeddings").orElse(true),
                Positions.LEARNED, RopeConfig.DEFAULT, Norm.LAYER_NORM, fields.optionalDouble("layer_norm_epsilon").orElse(1e-5),
                ACTIVATIONS.get(activation));
        } catch (ConfigException e) {
            throw new ModelFormatException(fields.source() + ": " + e.getMessage(), e);
        }
    }
}
