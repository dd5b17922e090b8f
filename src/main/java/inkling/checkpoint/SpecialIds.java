package inkling.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.io.JsonFields;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/** {@code bos_token_id}, {@code eos_token_id} and {@code pad_token_id} of config.json; an id or, for the end, several. */
public record SpecialIds(Map<String, JsonNode> ids) {
    private static final String BEGIN = "bos_token_id";
    private static final String END = "eos_token_id";
    private static final List<String> KEYS = List.of(BEGIN, END, "pad_token_id");

    public SpecialIds {
        ids = Collections.unmodifiableMap(new LinkedHashMap<>(ids));
    }

    /** {@code <|endoftext|>} begins and ends a text, as in GPT-2; nothing does where there is none. */
    public static SpecialIds of(OptionalInt endOfText) {
        Map<String, JsonNode> ids = new LinkedHashMap<>();
        endOfText.ifPresent(id -> {
            ids.put(BEGIN, IntNode.valueOf(id));
            ids.put(END, IntNode.valueOf(id));
        });
        return new SpecialIds(ids);
    }

    /** Those that a config.json names; anything that is no id is left away. */
    static SpecialIds read(JsonFields config) {
        Map<String, JsonNode> ids = new LinkedHashMap<>();
        for (String key : KEYS) {
            JsonNode node = config.node().path(key);
            if (node.isInt() || key.equals(END) && node.isArray() && !node.isEmpty()) {
                ids.put(key, node);
            }
        }
        return new SpecialIds(ids);
    }

    public boolean isEmpty() {
        return ids.isEmpty();
    }

    /** Adds them to a config; beginning and end are null where there is none, since families have defaults of their own. */
    ObjectNode into(ObjectNode config) {
        for (String key : KEYS) {
            if (ids.containsKey(key)) {
                config.set(key, ids.get(key));
            } else if (!key.equals(KEYS.get(2))) {
                config.putNull(key);
            }
        }
        return config;
    }
}
