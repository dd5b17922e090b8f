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

/** Which layers read the tokens near them alone: {@code layer_types} says it of each, in older files a rule of the family does. */
public final class LayerTypes {
    public static final String FULL = "full_attention";
    public static final String SLIDING = "sliding_attention";
    static final Set<String> KINDS = Set.of(FULL, SLIDING);
    private static final String KEY = "layer_types";
    private static final String WINDOW = "sliding_window";

    /** More than any architecture may have, which is told where that is made: a list of them all would fill the memory before. */
    private static final int MOST_LAYERS = 1 << 15;

    private LayerTypes() {}

    /**
     * The layers of a model.
     *
     * @param window W of those with one; empty if the model has none
     * @param rule which have one where {@code layer_types} is not there
     * @param near rotary positions of those with one
     * @throws ModelFormatException where a layer is of another kind, or has a window that is not told
     */
    public static List<LayerConfig> read(JsonFields fields, OptionalInt window, IntPredicate rule, LayerRope near) {
        int layers = Math.min(fields.requireInt("num_hidden_layers"), MOST_LAYERS);
        IntPredicate sliding = fields.has(KEY) ? told(fields, fields.requireInt("num_hidden_layers")) : block -> window.isPresent()
            && rule.test(block);
        if (window.isEmpty() && IntStream.range(0, layers).anyMatch(sliding)) {
            throw fields.fault(KEY, "asks for a window (%s) that this config.json does not tell.".formatted(WINDOW));
        }
        return IntStream.range(0, Math.max(1, layers)).mapToObj(block -> sliding.test(block)
            ? new LayerConfig(Optional.of(window.getAsInt()), near) : LayerConfig.DEFAULT).toList();
    }

    private static IntPredicate told(JsonFields fields, int layers) {
        List<String> types = fields.requireStrings(KEY);
        if (types.size() != layers) {
            throw fields.fault(KEY, "names %d layers; num_hidden_layers is %d.".formatted(types.size(), layers));
        }
        types.stream().filter(type -> !KINDS.contains(type)).findFirst().ifPresent(type -> {
            throw fields.fault(KEY, "is not supported: it has %s; %s and %s are.".formatted(type, FULL, SLIDING));
        });
        return block -> types.get(block).equals(SLIDING);
    }

    /** Of a family without windows. */
    public static void requireFull(JsonFields fields) {
        read(fields, OptionalInt.empty(), block -> false, LayerRope.MAIN);
    }

    /** {@code sliding_window}; empty where it is null or not there. */
    public static OptionalInt window(JsonFields fields) {
        return fields.optionalInt(WINDOW);
    }

    /** As {@link #window(JsonFields)}, and {@code usual} where the key is not there. */
    public static OptionalInt windowOr(JsonFields fields, int usual) {
        return fields.node().has(WINDOW) ? window(fields) : OptionalInt.of(usual);
    }

    /** As Qwen 2, Qwen 3 and SmolLM 3 say it: a number in {@code sliding_window} counts only with {@code use_sliding_window}. */
    public static OptionalInt windowIfUsed(JsonFields fields) {
        return fields.optionalBoolean("use_sliding_window").orElse(false) ? window(fields) : OptionalInt.empty();
    }

    /** The window of the first layer that has one. */
    public static OptionalInt window(GptConfig config) {
        return config.layers().stream().flatMap(layer -> layer.window().stream()).mapToInt(window -> window).findFirst();
    }

    public static boolean slides(GptConfig config, int block) {
        return config.layer(block).window().isPresent();
    }

    /** {@code sliding_window}, which is null where no layer has one. */
    public static void writeWindow(ObjectNode node, GptConfig config) {
        OptionalInt window = window(config);
        if (window.isPresent()) {
            node.put(WINDOW, window.getAsInt());
        } else {
            node.putNull(WINDOW);
        }
    }

    /** {@code layer_types}. */
    public static void writeTypes(ObjectNode node, GptConfig config) {
        ArrayNode types = node.putArray(KEY);
        IntStream.range(0, config.nLayer()).forEach(block -> types.add(slides(config, block) ? SLIDING : FULL));
    }
}
