package inkling.formats.keys;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.errors.ModelFormatException;
import inkling.io.json.JsonFields;
import inkling.model.config.GptConfig;
import inkling.model.config.LayerConfig;
import inkling.model.config.LayerRope;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * Which layers have a window; in a layer with a window, a token reads only the tokens near it. The key {@code layer_types} names these
 * layers. Older files lack this key, and a rule of the family decides.
 */
public final class LayerTypes {
    public static final String FULL = "full_attention";
    public static final String SLIDING = "sliding_attention";
    static final Set<String> KINDS = Set.of(FULL, SLIDING);
    private static final String KEY = "layer_types";
    private static final String WINDOW = "sliding_window";

    /**
     * More layers than {@link inkling.model.config.GptConfig} allows. This limit is needed because the list of layers is made before that
     * class can refuse their number.
     */
    private static final int MOST_LAYERS = 1 << 15;

    private LayerTypes() {}

    /**
     * The layers of a model.
     *
     * @param window how many tokens a layer with a window reads; empty if the model has no windows
     * @param rule which blocks, from 0, have a window if there is no {@code layer_types}
     * @param near the rotary positions of layers with a window
     * @throws ModelFormatException if {@code layer_types} has another length or another kind of layer, or names layers with a
     *     window although {@code window} is empty
     */
    public static List<LayerConfig> read(JsonFields fields, OptionalInt window, IntPredicate rule, LayerRope near) {
        int layers = Math.min(fields.requireInt("num_hidden_layers"), MOST_LAYERS);
        IntPredicate sliding = fields.has(KEY) ? named(fields, fields.requireInt("num_hidden_layers")) : block -> window.isPresent()
            && rule.test(block);
        if (window.isEmpty() && IntStream.range(0, layers).anyMatch(sliding)) {
            throw fields.fault(KEY, "names layers with a window, but this config.json leaves out %s or turns it off.".formatted(WINDOW));
        }
        return IntStream.range(0, layers).mapToObj(block -> sliding.test(block)
            ? new LayerConfig(Optional.of(window.getAsInt()), near) : LayerConfig.DEFAULT).toList();
    }

    private static IntPredicate named(JsonFields fields, int layers) {
        List<String> types = fields.requireStrings(KEY);
        if (types.size() != layers) {
            throw fields.fault(KEY, "names %d layers; num_hidden_layers is %d.".formatted(types.size(), layers));
        }
        types.stream().filter(type -> !KINDS.contains(type)).findFirst().ifPresent(type -> {
            throw fields.fault(KEY, "names %s, which is not supported; %s and %s are.".formatted(type, FULL, SLIDING));
        });
        return block -> types.get(block).equals(SLIDING);
    }

    /** Refuses windows, for a family that has none. */
    public static void requireFull(JsonFields fields) {
        read(fields, OptionalInt.empty(), block -> false, LayerRope.MAIN);
    }

    /** The value of {@code sliding_window}; empty if it is null or missing. */
    public static OptionalInt window(JsonFields fields) {
        return fields.optionalInt(WINDOW);
    }

    /** As {@link #window(JsonFields)}, but {@code usual} if the key is missing. */
    public static OptionalInt windowOr(JsonFields fields, int usual) {
        return fields.node().has(WINDOW) ? window(fields) : OptionalInt.of(usual);
    }

    /** Whether {@code use_sliding_window} is true: without it, Qwen 2 and 3 and SmolLM 3 have no windows. */
    public static boolean usesWindow(JsonFields fields) {
        return fields.optionalBoolean("use_sliding_window").orElse(false);
    }

    /** The window of the first layer that has one. */
    public static OptionalInt window(GptConfig config) {
        return config.layers().stream().flatMap(layer -> layer.window().stream()).mapToInt(window -> window).findFirst();
    }

    /** Whether {@code block}, from 0, has a window. */
    public static boolean slides(GptConfig config, int block) {
        return config.layer(block).window().isPresent();
    }

    /** Writes {@code sliding_window}: null if no layer has a window. */
    public static void writeWindow(ObjectNode node, GptConfig config) {
        OptionalInt window = window(config);
        if (window.isPresent()) {
            node.put(WINDOW, window.getAsInt());
        } else {
            node.putNull(WINDOW);
        }
    }

    /** Writes {@code layer_types}. */
    public static void writeTypes(ObjectNode node, GptConfig config) {
        ArrayNode types = node.putArray(KEY);
        IntStream.range(0, config.nLayer()).forEach(block -> types.add(slides(config, block) ? SLIDING : FULL));
    }
}
