package inkling.formats.family;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.errors.ConfigException;
import inkling.errors.ModelFormatException;
import inkling.io.json.JsonFields;
import inkling.model.GptLayout;
import inkling.model.Part;
import inkling.model.config.Activation;
import inkling.model.config.GptConfig;
import inkling.model.config.GptOptions;
import inkling.model.config.Norm;
import inkling.model.config.Positions;
import inkling.model.config.RopeConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Hugging Face's {@code LlamaForCausalLM} (Llama 1 to 3, SmolLM2 …), as its {@code configuration_llama.py} and {@code modeling_llama.py}
 * document it. Its linear weights are (out, in), query, key and value apart; rotary pairs are half-split, as ours.
 */
public record LlamaFormat() implements ModelFormat {
    private static final KnownKeys KEYS = KnownKeys.ofConfig(Set.of("hidden_size", "num_attention_heads", "head_dim", "num_hidden_layers",
        "num_key_value_heads", "intermediate_size", "max_position_embeddings", "attention_dropout", "rms_norm_eps", "hidden_act",
        "layer_types", "rope_theta", "rope_scaling", "rope_parameters", "partial_rotary_factor"),
        Set.of("pretraining_tp", "is_llama_config", "max_sequence_length"));

    @Override
    public String modelType() {
        return "llama";
    }

    @Override
    public GptConfig read(JsonFields fields) {
        KEYS.check(fields);
        if (fields.has("layer_types") && fields.requireStrings("layer_types").stream().anyMatch(type -> !type.equals("full_attention"))) {
            throw fields.fault("layer_types", "is not supported; full_attention is, in every layer.");
        }
        String activation = fields.optionalString("hidden_act").orElse("silu");
        if (!activation.equals("silu") && !activation.equals("swish")) {
            throw fields.fault("hidden_act", "is not supported; silu is.");
        }
        int width = fields.requireInt("hidden_size");
        int heads = fields.requireInt("num_attention_heads");
        int headDim = fields.optionalInt("head_dim").orElse(heads > 0 ? width / heads : 0);
        if (heads > 0 && headDim != width / heads) {
            throw fields.fault("head_dim", "is not supported: it must be hidden_size / num_attention_heads = %d / %d = %d."
                .formatted(width, heads, width / heads));
        }
        try {
            return GptOptions.DEFAULT.with(o -> o.nLayer(fields.requireInt("num_hidden_layers")).nHead(heads)
                .nKvHead(fields.optionalInt("num_key_value_heads").orElse(heads)).nEmbd(width)
                .nInner(fields.requireInt("intermediate_size")).contextLength(fields.optionalInt("max_position_embeddings").orElse(2048))
                .dropout(fields.optionalDouble("attention_dropout").orElse(0)).bias(false)
                .tieEmbeddings(fields.optionalBoolean("tie_word_embeddings").orElse(false)).positions(Positions.ROPE)
                .rope(LlamaRope.read(fields))
                .norm(Norm.RMS_NORM).normEps(fields.optionalDouble("rms_norm_eps").orElse(1e-6)).activation(Activation.SWIGLU))
                .over(fields.requireInt("vocab_size"));
        } catch (ConfigException e) {
            throw new ModelFormatException(fields.source() + ": " + e.getMessage(), e);
        }
    }

    @Override
    public List<String> obstacles(GptConfig config) {
        List<String> obstacles = new ArrayList<>(GptConfigJson.onlyOurs(config));
        if (config.positions() != Positions.ROPE) {
            obstacles.add("positions");
        }
        if (config.norm().kind() != Norm.RMS_NORM) {
            obstacles.add("norm");
        }
        if (config.mlp().activation() != Activation.SWIGLU) {
            obstacles.add("activation");
        }
        if (config.mlp().bias()) {
            obstacles.add("bias");
        }
        if (config.rope().scaling().isPresent() && llama3(config.rope()).isEmpty()) {
            obstacles.add("rope.scaling");
        }
        return obstacles;
    }

    private static Optional<RopeConfig.Llama3Scaling> llama3(RopeConfig rope) {
        return rope.scaling().filter(RopeConfig.Llama3Scaling.class::isInstance).map(RopeConfig.Llama3Scaling.class::cast);
    }

    @Override
    public ObjectNode write(GptConfig config, GenerationSettings generation) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("model_type", modelType());
        node.putArray("architectures").add("LlamaForCausalLM");
        node.put("vocab_size", config.vocabSize());
        node.put("max_position_embeddings", config.contextLength());
        node.put("hidden_size", config.nEmbd());
        node.put("intermediate_size", config.mlp().nInner());
        node.put("num_hidden_layers", config.nLayer());
        node.put("num_attention_heads", config.attention().nHead());
        node.put("num_key_value_heads", config.attention().nKvHead());
        node.put("head_dim", config.attention().headSize());
        node.put("hidden_act", "silu").put("attention_bias", false).put("mlp_bias", false);
        node.put("attention_dropout", config.dropout());
        node.put("rms_norm_eps", config.norm().eps());
        node.put("rope_theta", config.rope().theta());
        llama3(config.rope()).ifPresentOrElse(s -> node.putObject("rope_scaling").put("rope_type", LlamaRope.LLAMA3)
            .put("factor", s.factor()).put("low_freq_factor", s.lowFreqFactor()).put("high_freq_factor", s.highFreqFactor())
            .put("original_max_position_embeddings", s.originalContextLength()), () -> node.putNull("rope_scaling"));
        node.put("tie_word_embeddings", config.tieEmbeddings());
        node.put("torch_dtype", "float32");
        return generation.into(node);
    }

    @Override
    public List<Stored> tensors(GptConfig config) {
        GptLayout layout = GptLayout.of(config);
        List<Stored> tensors = new ArrayList<>();
        tensors.add(same("model.embed_tokens", layout.tokenEmbedding(), layout));
        for (int layer = 0; layer < config.nLayer(); layer++) {
            for (Part part : layout.parts()) {
                tensors.addAll(tensors("model.layers." + layer + ".", part, layout.weights(layer, part).weight(), layout, config));
            }
        }
        tensors.add(same("model.norm", layout.finalNorm().weight(), layout));
        if (!config.tieEmbeddings()) {
            tensors.add(same("lm_head", layout.unembedding(), layout));
        }
        return tensors;
    }

    private static Stored same(String theirs, String ours, GptLayout layout) {
        return Stored.same(theirs + ".weight", layout.spec(ours).shape(), ours);
    }

    /** Their tensors of one of our parameters. */
    private static List<Stored> tensors(String block, Part part, String ours, GptLayout layout, GptConfig config) {
        long c = config.nEmbd();
        long q = config.attention().queryWidth();
        long kv = config.attention().kvWidth();
        long inner = config.mlp().nInner();
        return switch (part) {
            case ATTENTION_NORM -> List.of(same(block + "input_layernorm", ours, layout));
            case QKV -> List.of(Stored.transposed(block + "self_attn.q_proj.weight", q, c, ours, 0),
                Stored.transposed(block + "self_attn.k_proj.weight", kv, c, ours, q),
                Stored.transposed(block + "self_attn.v_proj.weight", kv, c, ours, q + kv));
            case ATTENTION_OUT -> List.of(Stored.transposed(block + "self_attn.o_proj.weight", c, q, ours, 0));
            case MLP_NORM -> List.of(same(block + "post_attention_layernorm", ours, layout));
            case MLP_GATE -> List.of(Stored.transposed(block + "mlp.gate_proj.weight", inner, c, ours, 0));
            case MLP_UP -> List.of(Stored.transposed(block + "mlp.up_proj.weight", inner, c, ours, 0));
            case MLP_OUT -> List.of(Stored.transposed(block + "mlp.down_proj.weight", c, inner, ours, 0));
            case QUERY_NORM, KEY_NORM, ATTENTION_POST_NORM, MLP_POST_NORM -> throw new IllegalStateException("Llama has no " + part);
        };
    }

    @Override
    public String prefix() {
        return "model.";
    }
}
