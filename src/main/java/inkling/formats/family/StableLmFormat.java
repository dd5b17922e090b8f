package inkling.formats.family;

import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.formats.keys.LayerTypes;
import inkling.formats.keys.RopeSettings;
import inkling.io.json.JsonFields;
import inkling.model.Part;
import inkling.model.config.Branches;
import inkling.model.config.GptConfig;
import inkling.model.config.GptOptions;
import inkling.model.config.Norm;
import inkling.model.config.QkNorm;
import inkling.model.config.RopeConfig;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * StableLM 3B and 2: LayerNorm, and rope in a part of each head. In the 12B model, each head of queries and keys has a norm of its own, and
 * one norm serves both attention and MLP. Source: Transformers' {@code configuration_stablelm.py} and {@code modeling_stablelm.py}.
 */
public final class StableLmFormat extends LlamaKin {
    private static final String PART = "partial_rotary_factor";
    private static final double USUAL_PART = 0.25;
    private static final String QKV_BIAS = "use_qkv_bias";
    private static final String QK_NORM = "qk_layernorm";
    private static final String PARALLEL = "use_parallel_residual";
    private static final String EPS = "layer_norm_eps";

    public StableLmFormat() {
        super("stablelm", "StableLmForCausalLM", Set.of("num_key_value_heads", EPS, QKV_BIAS, QK_NORM, PARALLEL), Set.of("hidden_dropout"));
    }

    @Override
    RopeConfig rope(JsonFields fields) {
        return RopeSettings.of(fields, THETA, usualTheta()).partial();
    }

    @Override
    Optional<Integer> rotaryChannels(JsonFields fields, int headSize) {
        return Optional.of(RopeSettings.of(fields, THETA, usualTheta()).channels(PART, USUAL_PART, headSize));
    }

    @Override
    GptOptions own(JsonFields fields, GptOptions llama) {
        LayerTypes.requireFull(fields);
        return llama.with(o -> o.norm(Norm.LAYER_NORM).normBias(true).normEps(fields.optionalDouble(EPS).orElse(1e-5))
            .qkvBias(fields.optionalBoolean(QKV_BIAS).orElse(false))
            .qkNorm(fields.optionalBoolean(QK_NORM).orElse(false) ? QkNorm.HEAD_EACH : QkNorm.NONE)
            .branches(fields.optionalBoolean(PARALLEL).orElse(false) ? Branches.PARALLEL_ONE_NORM : Branches.SERIAL));
    }

    @Override
    void writeOwn(GptConfig config, ObjectNode node) {
        node.put(PART, RopeSettings.part(config.attention()));
        node.put(EPS, config.norm().eps()).put(QKV_BIAS, config.attention().qkvBias())
            .put(QK_NORM, config.attention().qkNorm() != QkNorm.NONE).put(PARALLEL, config.branches() != Branches.SERIAL);
    }

    /** One tensor (hs) for each head. */
    @Override
    List<Stored> headNorm(Block block, Part part, String theirs, int heads) {
        int hs = block.config().attention().headSize();
        return IntStream.range(0, heads).mapToObj(head ->
            Stored.part("%s%s_layernorm.norms.%d.weight".formatted(block.name(), theirs, head), block.ours(part).weight(),
                (long) head * hs, hs)).toList();
    }
}
