package inkling.formats.family;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.formats.keys.LayerTypes;
import inkling.formats.keys.RopeSettings;
import inkling.io.json.JsonFields;
import inkling.model.Part;
import inkling.model.config.GptConfig;
import inkling.model.config.GptOptions;
import inkling.model.config.LayerRope;
import inkling.model.config.RopeConfig;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Phi-3 and Phi-4-mini: Llama with queries, keys and values in one linear, gate and up projection in another, and rope in a part of each
 * head. A model with LongRoPE ({@link RopeConfig.LongRopeScaling}) is read with the context that it was first trained with, since other
 * factors hold beyond that context. Source: Transformers' {@code configuration_phi3.py} and {@code modeling_phi3.py}.
 */
public final class Phi3Format extends LlamaKin {
    private static final String PART = "partial_rotary_factor";
    private static final String ORIGINAL = "original_max_position_embeddings";
    private static final int USUAL_ORIGINAL = 4096;

    public Phi3Format() {
        super("phi3", "Phi3ForCausalLM", Set.of("num_key_value_heads", "head_dim", "rms_norm_eps", "sliding_window", ORIGINAL),
            Set.of("resid_pdrop", "embd_pdrop", "auto_map", "full_attn_mod", "interpolate_factor"));
    }

    @Override
    int contextLength(JsonFields fields) {
        int longest = fields.requireInt("max_position_embeddings");
        RopeSettings settings = RopeSettings.of(fields, THETA, usualTheta());
        return settings.isLongRope() ? Math.min(longest, settings.originalContext(USUAL_ORIGINAL)) : longest;
    }

    @Override
    RopeConfig rope(JsonFields fields) {
        RopeSettings settings = RopeSettings.of(fields, THETA, usualTheta());
        return settings.isLongRope()
            ? settings.longRope(fields.requireInt("max_position_embeddings"), settings.originalContext(USUAL_ORIGINAL))
            : settings.partial();
    }

    @Override
    Optional<Integer> rotaryChannels(JsonFields fields, int headSize) {
        return Optional.of(RopeSettings.of(fields, THETA, usualTheta()).channels(PART, 1, headSize));
    }

    @Override
    GptOptions own(JsonFields fields, GptOptions llama) {
        return llama.with(o -> o.normEps(fields.optionalDouble("rms_norm_eps").orElse(1e-5))
            .layers(LayerTypes.read(fields, LayerTypes.window(fields), block -> true, LayerRope.MAIN)));
    }

    @Override
    void writeOwn(GptConfig config, ObjectNode node) {
        LayerTypes.writeWindow(node, config);
        node.put(PART, RopeSettings.part(config.attention()));
        node.put(ORIGINAL, config.contextLength());
        if (config.rope().scaling().orElse(null) instanceof RopeConfig.LongRopeScaling scaling) {
            node.put("max_position_embeddings", stretched(config.contextLength(), scaling.magnitude()));
            ObjectNode settings = node.putObject("rope_scaling").put("type", "longrope");
            for (String factors : List.of("short_factor", "long_factor")) {     // the factors for longer texts were not kept
                ArrayNode list = settings.putArray(factors);
                scaling.factors().forEach(list::add);
            }
        }
    }

    /**
     * The longest context of a model with LongRoPE, computed from {@code magnitude}, the factor of its cos and sin. This is the inverse of
     * {@link RopeConfig.LongRopeScaling#magnitude(int, int)}.
     */
    private static int stretched(int original, double magnitude) {
        return (int) Math.min(Integer.MAX_VALUE, Math.round(Math.pow(original, magnitude * magnitude)));
    }

    @Override
    List<Stored> tensors(Block block, Part part) {
        long inner = block.config().mlp().nInner();
        return switch (part) {
            case QKV -> block.linear("self_attn.qkv_proj", part, 0, block.config().attention().qkvWidth());
            case MLP_GATE -> List.of();     // its rows come before those of MLP_UP, in one tensor
            case MLP_UP -> block.linear("mlp.gate_up_proj", part,
                List.of(new Piece(block.ours(Part.MLP_GATE), 0, inner), new Piece(block.ours(part), 0, inner)));
            case ATTENTION_NORM, ATTENTION_POST_NORM, QUERY_NORM, KEY_NORM, ATTENTION_OUT, MLP_NORM, MLP_OUT, MLP_POST_NORM ->
                super.tensors(block, part);
        };
    }
}
