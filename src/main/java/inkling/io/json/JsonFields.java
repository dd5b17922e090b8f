package inkling.io.json;

import com.fasterxml.jackson.databind.JsonNode;
import inkling.errors.ModelFormatException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * Typed access to the fields of one JSON object. Nothing is coerced: {@code "12"} and {@code 12.0} are not the integer 12. But the integer
 * 12 may stand for 12.0. For {@link #has} and the optional fields, {@code null} counts as absent. A field of the wrong type is a
 * {@link ModelFormatException} that names the document, the field, what was found and what was expected.
 *
 * <pre>{@code
 * JsonFields config = JsonFields.read(dir.resolve("config.json"));
 * int heads = config.requireInt("n_head");        // or the error "config.json: n_head is "12" (a string), expected an integer from …"
 * double eps = config.optionalDouble("layer_norm_epsilon").orElse(1e-5);
 * }</pre>
 */
public final class JsonFields {
    private static final int MAX_SHOWN = 60;
    private static final String INTEGER = "an integer from %d to %d".formatted(Integer.MIN_VALUE, Integer.MAX_VALUE);

    private final String source;
    private final String path;
    private final JsonNode object;

    private JsonFields(String source, String path, JsonNode object) {
        this.source = source;
        this.path = path;
        this.object = object;
    }

    /** The object that {@code file} contains, read by {@link StrictJson}. */
    public static JsonFields read(Path file) {
        return of(file.toString(), StrictJson.parse(file));
    }

    /** The fields of {@code node}, which must be an object; {@code source} is the document's name in messages. */
    public static JsonFields of(String source, JsonNode node) {
        if (!node.isObject()) {
            throw new ModelFormatException("%s: is %s, expected an object.".formatted(source, described(node)));
        }
        return new JsonFields(source, "", node);
    }

    /** The document's name in messages, e.g. its path. */
    public String source() {
        return source;
    }

    /** The object itself, for what these accessors do not cover. */
    public JsonNode node() {
        return object;
    }

    /** Whether the field is there and not null. */
    public boolean has(String field) {
        return object.hasNonNull(field);
    }

    /** All field names in the order of the document. */
    public List<String> names() {
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }

    public int requireInt(String field) {
        return require(field, INTEGER, JsonFields::isInt).intValue();
    }

    public long requireLong(String field) {
        return require(field, "an integer of at most 63 bits", JsonFields::isLong).longValue();
    }

    /** A finite number. An integer is accepted too, because some JSON writers print 1.0 as 1. */
    public double requireDouble(String field) {
        return require(field, "a finite number", JsonFields::isFinite).doubleValue();
    }

    public boolean requireBoolean(String field) {
        return require(field, "true or false", JsonNode::isBoolean).booleanValue();
    }

    public String requireString(String field) {
        return require(field, "a string", JsonNode::isTextual).textValue();
    }

    public JsonFields requireObject(String field) {
        return new JsonFields(source, pathOf(field), require(field, "an object", JsonNode::isObject));
    }

    /** The elements of an array, of any type. */
    public List<JsonNode> requireArray(String field) {
        List<JsonNode> elements = new ArrayList<>();
        require(field, "an array", JsonNode::isArray).forEach(elements::add);
        return elements;
    }

    public List<String> requireStrings(String field) {
        return elements(field, "a string", JsonNode::isTextual).stream().map(JsonNode::textValue).toList();
    }

    public List<Long> requireLongs(String field) {
        return elements(field, "an integer", JsonFields::isLong).stream().map(JsonNode::longValue).toList();
    }

    /** The elements of an array of objects. Messages call the third one {@code field[2]}. */
    public List<JsonFields> requireObjects(String field) {
        List<JsonNode> nodes = elements(field, "an object", JsonNode::isObject);
        List<JsonFields> objects = new ArrayList<>();
        for (int i = 0; i < nodes.size(); i++) {
            objects.add(new JsonFields(source, pathOf(field) + "[" + i + "]", nodes.get(i)));
        }
        return objects;
    }

    public OptionalInt optionalInt(String field) {
        return has(field) ? OptionalInt.of(requireInt(field)) : OptionalInt.empty();
    }

    public OptionalLong optionalLong(String field) {
        return has(field) ? OptionalLong.of(requireLong(field)) : OptionalLong.empty();
    }

    public OptionalDouble optionalDouble(String field) {
        return has(field) ? OptionalDouble.of(requireDouble(field)) : OptionalDouble.empty();
    }

    public Optional<Boolean> optionalBoolean(String field) {
        return has(field) ? Optional.of(requireBoolean(field)) : Optional.empty();
    }

    public Optional<String> optionalString(String field) {
        return has(field) ? Optional.of(requireString(field)) : Optional.empty();
    }

    public Optional<JsonFields> optionalObject(String field) {
        return has(field) ? Optional.of(requireObject(field)) : Optional.empty();
    }

    /** @throws ModelFormatException listing every field that is not among {@code known} */
    public void rejectUnknown(Collection<String> known) {
        Set<String> unknown = new TreeSet<>(names());
        unknown.removeAll(known);
        if (!unknown.isEmpty()) {
            throw new ModelFormatException("%s: unknown field%s %s; known are %s.".formatted(source, unknown.size() > 1 ? "s" : "",
                    String.join(", ", unknown.stream().map(this::pathOf).toList()), String.join(", ", new TreeSet<>(known))));
        }
    }

    /** An exception about one field's value: {@code "config.json: n_head = 0 must be positive."} */
    public ModelFormatException fault(String field, String rule) {
        return new ModelFormatException("%s: %s %s".formatted(source, said(field), rule));
    }

    /** A field as {@code key = value}, for messages; its key alone if it is missing. A long value is cut short. */
    public String said(String field) {
        return object.has(field) ? "%s = %s".formatted(pathOf(field), cutShort(object.get(field))) : pathOf(field);
    }

    private JsonNode require(String field, String expected, Predicate<JsonNode> fits) {
        JsonNode value = object.get(field);
        if (value == null) {
            throw new ModelFormatException("%s: %s is missing, expected %s.".formatted(source, pathOf(field), expected));
        }
        if (!fits.test(value)) {
            throw new ModelFormatException("%s: %s is %s, expected %s.".formatted(source, pathOf(field), described(value), expected));
        }
        return value;
    }

    private List<JsonNode> elements(String field, String expected, Predicate<JsonNode> fits) {
        List<JsonNode> elements = requireArray(field);
        for (int i = 0; i < elements.size(); i++) {
            if (!fits.test(elements.get(i))) {
                throw new ModelFormatException("%s: %s[%d] is %s, expected %s.".formatted(source, pathOf(field), i,
                        described(elements.get(i)), expected));
            }
        }
        return elements;
    }

    private String pathOf(String field) {
        return path.isEmpty() ? field : path + "." + field;
    }

    private static boolean isInt(JsonNode node) {
        return node.isIntegralNumber() && node.canConvertToInt();
    }

    private static boolean isLong(JsonNode node) {
        return node.isIntegralNumber() && node.canConvertToLong();
    }

    private static boolean isFinite(JsonNode node) {
        return node.isNumber() && Double.isFinite(node.doubleValue());
    }

    private static String described(JsonNode node) {
        return switch (node.getNodeType()) {
            case NULL -> "null";
            case STRING -> cutShort(node) + " (a string)";
            case NUMBER, BOOLEAN -> node.asText();   // 1e400 is shown as Infinity
            case ARRAY -> "an array";
            case OBJECT -> "an object";
            case BINARY, MISSING, POJO -> "no JSON value";
        };
    }

    private static String cutShort(JsonNode node) {
        String text = node.toString();
        return text.length() <= MAX_SHOWN ? text : text.substring(0, MAX_SHOWN) + "…";
    }
}
