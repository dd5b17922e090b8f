package inkling.template;

import com.fasterxml.jackson.databind.JsonNode;
import inkling.template.value.Fault;
import inkling.template.value.Origin;
import inkling.template.value.Text;
import inkling.template.value.Values.Dict;
import inkling.template.value.Values.Items;
import inkling.template.value.Values.None;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Turns JSON into the values of a template. The {@link Origin} of each string says whether the string is data, and of which message.
 */
final class JsonValues {
    /**
     * Roles that count as the template's own text, since some templates make a special token of them: {@code '<|' + message.role + '|>'}.
     */
    private static final Set<String> ROLES = Set.of("system", "developer", "user", "assistant", "tool", "function", "ipython");

    private JsonValues() {}

    /** The number of UTF-16 units in all strings together; the names of fields are not counted. */
    static long characters(JsonNode node) {
        long sum = node.isTextual() ? node.textValue().length() : 0;
        for (JsonNode child : node) {
            sum += characters(child);
        }
        return sum;
    }

    /** The special tokens by name, as values that count as the template's own text. */
    static Map<String, Object> tokens(Map<String, String> tokens) {
        Map<String, Object> values = new LinkedHashMap<>();
        tokens.forEach((name, token) -> values.put(name, Text.template(token)));
        return values;
    }

    /** The fields of a JSON object. All strings in them count as data, except the usual roles of messages. */
    static Map<String, Object> variables(JsonNode object) {
        Map<String, Object> values = new LinkedHashMap<>();
        object.properties().forEach(field -> {
            boolean messages = field.getKey().equals("messages") && field.getValue().isArray();
            values.put(field.getKey(), messages ? messages(field.getValue()) : value(field.getValue(), Origin.OTHER));
        });
        return values;
    }

    private static Items messages(JsonNode messages) {
        List<Object> list = new ArrayList<>();
        for (int i = 0; i < messages.size(); i++) {
            list.add(message(messages.get(i), Origin.message(i)));
        }
        return Items.list(list);
    }

    private static Object message(JsonNode message, int origin) {
        JsonNode role = message.path("role");
        Object value = value(message, origin);
        if (value instanceof Dict dict && role.isTextual() && ROLES.contains(role.textValue())) {
            dict.entries().put(Text.template("role"), Text.template(role.textValue()));
        }
        return value;
    }

    private static Object value(JsonNode node, int origin) {
        return switch (node.getNodeType()) {
            case STRING -> Text.of(node.textValue(), origin);
            case BOOLEAN -> node.booleanValue();
            case NUMBER -> number(node);
            case ARRAY -> {
                List<Object> items = new ArrayList<>(node.size());
                node.forEach(item -> items.add(value(item, origin)));
                yield Items.list(items);
            }
            case OBJECT -> {
                Map<Object, Object> entries = new LinkedHashMap<>();
                node.properties().forEach(field -> entries.put(Text.of(field.getKey(), origin), value(field.getValue(), origin)));
                yield new Dict(entries);
            }
            case NULL, MISSING, BINARY, POJO -> None.NONE;
        };
    }

    private static Object number(JsonNode node) {
        if (node.isFloatingPointNumber()) {
            return node.doubleValue();
        }
        if (!node.canConvertToLong()) {
            throw Fault.unsupported("a whole number of more than 64 bits");
        }
        return node.longValue();
    }
}
