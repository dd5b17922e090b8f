package inkling.formats.family;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.formats.keys.LayerTypes;
import inkling.io.json.JsonFields;
import inkling.model.config.GptConfig;
import inkling.model.config.GptOptions;
import inkling.model.config.LayerConfig;
import inkling.model.config.LayerRope;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * SmolLM 3: some layers, usually every fourth, have no rotary positions. If the model has windows and config.json has no
 * {@code layer_types}, the windows are in these layers.
 * Source: Transformers' {@code configuration_smollm3.py} and {@code modeling_smollm3.py}.
 */
public final class SmolLm3Format extends LlamaKin {
    private static final String ROPE = "no_rope_layers";
    private static final String INTERVAL = "no_rope_layer_interval";

    public SmolLm3Format() {
        super("smollm3", "SmolLM3ForCausalLM", Set.of("num_key_value_heads", "head_dim", "attention_bias", "mlp_bias", "rms_norm_eps",
            "use_sliding_window", "sliding_window", ROPE, INTERVAL), Set.of("pretraining_tp", "max_window_layers"));
    }

    @Override
    double usualTheta() {
        return 2_000_000;
    }

    @Override
    boolean usuallyTied() {
        return true;
    }

    @Override
    GptOptions own(JsonFields fields, GptOptions llama) {
        IntPredicate hasRope = hasRope(fields, llama.nLayer());
        OptionalInt window = LayerTypes.usesWindow(fields) ? LayerTypes.window(fields) : OptionalInt.empty();
        List<LayerConfig> windows = LayerTypes.read(fields, window, block -> !hasRope.test(block), LayerRope.MAIN);
        return llama.with(o -> o.layers(IntStream.range(0, windows.size()).mapToObj(block -> hasRope.test(block) ? windows.get(block)
            : new LayerConfig(windows.get(block).window(), LayerRope.NONE)).toList()));
    }

    /** The layers with rotary positions: despite the name, a 1 in {@code no_rope_layers} stands for such a layer. */
    private static IntPredicate hasRope(JsonFields fields, int layers) {
        if (!fields.has(ROPE)) {
            int interval = fields.optionalInt(INTERVAL).orElse(4);
            if (interval < 1) {
                throw fields.fault(INTERVAL, "must be positive.");
            }
            return block -> (block + 1) % interval != 0;
        }
        List<Long> told = fields.requireLongs(ROPE);
        if (told.size() != layers || !told.stream().allMatch(one -> one == 0 || one == 1)) {
            throw fields.fault(ROPE, "must be 0 or 1 for each of the %d layers.".formatted(layers));
        }
        return block -> told.get(block) == 1;
    }

    @Override
    void writeOwn(GptConfig config, ObjectNode node) {
        ArrayNode ropes = node.putArray(ROPE);
        IntStream.range(0, config.nLayer()).forEach(block -> ropes.add(config.layer(block).rope() == LayerRope.NONE ? 0 : 1));
        node.put("use_sliding_window", LayerTypes.window(config).isPresent());
        LayerTypes.writeWindow(node, config);
        LayerTypes.writeTypes(node, config);
    }
}
