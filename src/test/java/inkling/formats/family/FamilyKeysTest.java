package inkling.formats.family;

import static inkling.Says.says;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.fail;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.errors.ModelFormatException;
import inkling.formats.FamilyConfigs;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Which keys of a family's config.json are read, and which of their values no model can have. */
class FamilyKeysTest {
    private static final List<Integer> EXTREMES = List.of(Integer.MIN_VALUE, -1, 0, 1 << 15, Integer.MAX_VALUE);
    /** Keys that some of the files in {@link FamilyConfigs} lack. */
    private static final List<String> MORE = List.of("num_key_value_heads", "head_dim", "sliding_window", "max_window_layers",
        "partial_rotary_factor", "no_rope_layer_interval", "sliding_window_pattern", "original_max_position_embeddings");

    private static String refusal(String family, String keys) {
        return assertThrows(ModelFormatException.class, () -> FamilyConfigs.architecture(FamilyConfigs.with(family, keys)), keys)
            .getMessage();
    }

    /**
     * A key that no code reads could change the model unseen. A value of the wrong type is refused if the key is read, and so is a key that
     * the family does not know.
     */
    @Test
    void everyKnownKeyIsRead() {
        Set<String> keys = new TreeSet<>(Set.of("attention_bias", "mlp_bias", "layer_types", "rope_parameters", "rope_scaling",
            "partial_rotary_factor", "hidden_act", "sliding_window_size", "_sliding_window_pattern"));
        FamilyConfigs.all().values().forEach(json -> json.fieldNames().forEachRemaining(keys::add));
        Map<String, Set<String>> unread = Map.of("qwen2", Set.of("sliding_window"), "qwen3", Set.of("sliding_window"), "smollm3",
            Set.of("sliding_window", "max_window_layers"), "phi3", Set.of("original_max_position_embeddings", "resid_pdrop"), "phi4mini",
            Set.of("resid_pdrop"));
        FamilyConfigs.all().keySet().forEach(what -> keys.stream().filter(key -> !Set.of("torch_dtype", "use_cache").contains(key)
            && !unread.getOrDefault(what, Set.of()).contains(key)).forEach(key -> assertThrows(ModelFormatException.class,
                () -> FamilyConfigs.architecture(FamilyConfigs.with(what, "'%s': 'a word'".formatted(key))),
                what + " does not read " + key)));
    }

    @Test
    void aModelWithoutLayersIsRefused() {
        for (String family : FamilyConfigs.all().keySet()) {
            says(refusal(family, "'num_hidden_layers': 0"), "config.json: num_hidden_layers = 0", "positive");
            says(refusal(family, "'num_hidden_layers': -1, 'layer_types': []"), "config.json: num_hidden_layers = -1", "positive");
        }
        says(refusal("llama", "'num_hidden_layers': 0, 'layer_types': []"), "num_hidden_layers = 0", "positive");
        says(refusal("smollm3", "'num_hidden_layers': 0, 'no_rope_layers': []"), "num_hidden_layers = 0", "positive");
    }

    /** A number is either taken or refused as a fault of the file. No other exception ends the reading. */
    @Test
    void everyExtremeNumberIsTakenOrRefused() {
        FamilyConfigs.all().forEach((what, json) -> {
            List<String> keys = new ArrayList<>(MORE);
            json.properties().stream().filter(key -> key.getValue().isNumber()).forEach(key -> keys.add(key.getKey()));
            for (String key : keys) {
                for (int number : EXTREMES) {
                    takenOrRefused(what, json.deepCopy().put(key, number));
                }
            }
            for (String list : List.of("layer_types", "no_rope_layers")) {
                for (int layers : EXTREMES) {
                    ObjectNode changed = json.deepCopy().put("num_hidden_layers", layers);
                    changed.putArray(list);
                    takenOrRefused(what, changed);
                }
            }
        });
    }

    private static void takenOrRefused(String what, JsonNode json) {
        try {
            FamilyConfigs.architecture((ObjectNode) json);
        } catch (ModelFormatException e) {
            says(e.getMessage(), "config.json: ");
        } catch (RuntimeException e) {
            fail(what + ": " + json, e);
        }
    }
}
