package inkling.formats.family;

import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.formats.keys.LayerTypes;
import inkling.io.json.JsonFields;
import inkling.model.config.GptConfig;
import inkling.model.config.GptOptions;
import inkling.model.config.LayerRope;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Qwen 2 and 2.5: queries, keys and values have biases, the other linears none. Source: Transformers' {@code configuration_qwen2.py} and
 * {@code modeling_qwen2.py}.
 */
public final class Qwen2Format extends LlamaKin {
    /** The keys about windows, which Qwen 3 has too. */
    static final List<String> WINDOWS = List.of("use_sliding_window", "sliding_window", "max_window_layers");
    private static final int USUAL_FIRST_WINDOW = 28;
    private static final int USUAL_WINDOW = 4096;

    public Qwen2Format() {
        super("qwen2", "Qwen2ForCausalLM", Set.of("num_key_value_heads", "head_dim", "rms_norm_eps", WINDOWS.get(0), WINDOWS.get(1),
            WINDOWS.get(2)), Set.of());
    }

    @Override
    GptOptions own(JsonFields fields, GptOptions llama) {
        return windows(fields, llama.with(o -> o.qkvBias(true)));
    }

    /**
     * Adds the layers' windows to {@code options}. Layers have windows only if {@code use_sliding_window} is true. The key
     * {@code layer_types} then names these layers; if it is missing, they are the layers from {@code max_window_layers} on.
     */
    static GptOptions windows(JsonFields fields, GptOptions options) {
        int first = fields.optionalInt("max_window_layers").orElse(USUAL_FIRST_WINDOW);
        OptionalInt window = LayerTypes.usesWindow(fields) ? LayerTypes.windowOr(fields, USUAL_WINDOW) : OptionalInt.empty();
        return options.with(o -> o.layers(LayerTypes.read(fields, window, block -> block >= first, LayerRope.MAIN)));
    }

    @Override
    void writeOwn(GptConfig config, ObjectNode node) {
        writeWindows(config, node);
    }

    static void writeWindows(GptConfig config, ObjectNode node) {
        node.put("use_sliding_window", LayerTypes.window(config).isPresent());
        LayerTypes.writeWindow(node, config);
        node.put("max_window_layers", IntStream.range(0, config.nLayer()).filter(block -> LayerTypes.slides(config, block)).findFirst()
            .orElse(config.nLayer()));
        LayerTypes.writeTypes(node, config);
    }
}
