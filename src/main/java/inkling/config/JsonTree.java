package inkling.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.config.Node.Entry;
import inkling.config.Node.Mapping;
import inkling.config.Node.Place;
import inkling.config.Node.Scalar;
import inkling.config.Node.Sequence;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Converts JSON to a tree of {@link Node}s and back. */
public final class JsonTree {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private JsonTree() {}

    /**
     * Makes a tree of a JSON object.
     *
     * @param place the document's name in messages
     */
    public static Mapping of(ObjectNode object, String place) {
        return (Mapping) tree(object, new Place(place));
    }

    private static Node tree(JsonNode json, Place place) {
        if (json.isObject()) {
            Map<String, Entry> entries = new LinkedHashMap<>();
            json.fields().forEachRemaining(field -> entries.put(field.getKey(), new Entry(place, tree(field.getValue(), place))));
            return new Mapping(entries, place);
        } else if (json.isArray()) {
            List<Node> items = new ArrayList<>();
            json.forEach(item -> items.add(tree(item, place)));
            return new Sequence(items, place);
        }
        // JSON's null has the text "null"; 1e400 has the text Infinity, which is refused later
        return new Scalar(json.asText(), !json.isTextual(), place);
    }

    /**
     * A tree that {@link RecordWriter} made, as JSON. A scalar without quotes that reads as null, a boolean or a number becomes the same in
     * JSON; every other scalar becomes a JSON string.
     */
    public static JsonNode json(Node node) {
        if (node instanceof Mapping mapping) {
            ObjectNode object = JSON.objectNode();
            mapping.entries().forEach((key, entry) -> object.set(key, json(entry.value())));
            return object;
        } else if (node instanceof Sequence sequence) {
            ArrayNode array = JSON.arrayNode();
            sequence.items().forEach(item -> array.add(json(item)));
            return array;
        }
        String text = ((Scalar) node).text();
        return switch (Scalars.kind((Scalar) node)) {
            case NULL -> JSON.nullNode();
            case BOOLEAN -> JSON.booleanNode(text.equals("true"));
            case INTEGER -> JSON.numberNode(Long.parseLong(text));
            case REAL -> JSON.numberNode(Double.parseDouble(text));
            case TEXT, NOTHING, DOUBTFUL, NOT_FINITE -> JSON.textNode(text);
        };
    }
}
