package inkling.serve.http;

import com.fasterxml.jackson.databind.JsonNode;
import inkling.errors.DidYouMean;
import inkling.errors.ModelFormatException;
import inkling.io.json.StrictJson;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * The fields of one JSON object of a request. No type is converted to another: {@code "3"} is no number. {@link #whole} takes {@code 3.0}.
 * A field that is {@code null} counts as absent. For an absent field, {@code whole}, {@code number}, {@code flag}, {@code text} and
 * {@code object} return empty; methods that begin with {@code require} refuse the request. Bounds are included. A wrong field is a fault
 * with status 400 that names the field.
 */
public final class RequestFields {
    private static final int MAX_SHOWN = 60;

    private final JsonNode object;
    private final String path;

    private RequestFields(JsonNode object, String path) {
        this.object = object;
        this.path = path;
    }

    static RequestFields parse(byte[] body) {
        JsonNode document;
        try {
            document = StrictJson.parse("body", body);
        } catch (ModelFormatException e) {
            throw ApiFault.request(400, "The request is no JSON document: " + e.getMessage());
        }
        if (!document.isObject()) {
            throw ApiFault.request(400, "The request must be a JSON object.");
        }
        return new RequestFields(document, "");
    }

    /** Whether the field is there and not null. */
    public boolean has(String field) {
        return object.hasNonNull(field);
    }

    /** The value itself, for a field that may have several types. To be called only if {@link #has} is true. */
    public JsonNode value(String field) {
        return object.get(field);
    }

    /** Refuses every field that has a value and is not among {@code known}, so that no wish of a client is silently ignored. */
    public void refuseOthers(Collection<String> known) {
        for (Map.Entry<String, JsonNode> field : object.properties()) {
            if (!known.contains(field.getKey()) && !field.getValue().isNull()) {
                throw fault(field.getKey(), "is not supported by this server." + DidYouMean.hint(field.getKey(), known));
            }
        }
    }

    public OptionalLong whole(String field, long least, long most) {
        if (!has(field)) {
            return OptionalLong.empty();
        }
        JsonNode value = require(field, "a whole number from %,d to %,d".formatted(least, most), node -> isWhole(node)
            && node.longValue() >= least && node.longValue() <= most);
        return OptionalLong.of(value.longValue());
    }

    private static boolean isWhole(JsonNode node) {
        return node.isIntegralNumber() ? node.canConvertToLong()
            : node.isNumber() && node.doubleValue() == Math.rint(node.doubleValue()) && Math.abs(node.doubleValue()) < 1e15;
    }

    public OptionalDouble number(String field, double least, double most) {
        if (!has(field)) {
            return OptionalDouble.empty();
        }
        JsonNode value = require(field, "a number from %s to %s".formatted(plain(least), plain(most)), node -> node.isNumber()
            && node.doubleValue() >= least && node.doubleValue() <= most);
        return OptionalDouble.of(value.doubleValue());
    }

    private static String plain(double number) {
        return number == Math.rint(number) ? String.format(Locale.ROOT, "%.0f", number) : Double.toString(number);
    }

    public Optional<Boolean> flag(String field) {
        return has(field) ? Optional.of(require(field, "true or false", JsonNode::isBoolean).booleanValue()) : Optional.empty();
    }

    public Optional<String> text(String field) {
        return has(field) ? Optional.of(require(field, "a text", JsonNode::isTextual).textValue()) : Optional.empty();
    }

    public String requireText(String field) {
        return require(field, "a text", JsonNode::isTextual).textValue();
    }

    public Optional<RequestFields> object(String field) {
        return has(field) ? Optional.of(new RequestFields(require(field, "an object", JsonNode::isObject), pathOf(field)))
            : Optional.empty();
    }

    /** Name and value of each field, in the order of the document. */
    public List<Map.Entry<String, JsonNode>> entries() {
        return List.copyOf(object.properties());
    }

    /**
     * Reads a list of token ids.
     *
     * @param field the field that a fault names
     * @param list {@link #value} of the field, or a part of that value
     * @throws ApiFault 400 if {@code list} is not a list of ids from 0 to {@code vocabSize} − 1
     */
    public int[] ids(String field, JsonNode list, int vocabSize) {
        if (!list.isArray()) {
            throw fault(field, "must be a list of ids.");
        }
        return IntStream.range(0, list.size()).map(i -> {
            JsonNode id = list.get(i);
            if (!id.isIntegralNumber() || !id.canConvertToInt() || id.intValue() < 0 || id.intValue() >= vocabSize) {
                throw fault(field, "must have ids from 0 to %d; element %d of the list is no such id.".formatted(vocabSize - 1, i + 1));
            }
            return id.intValue();
        }).toArray();
    }

    /** Reads an array of at least one object. A fault in the third object names {@code field[2]}. */
    public List<RequestFields> requireObjects(String field) {
        JsonNode array = require(field, "an array of at least one object", node -> node.isArray() && !node.isEmpty());
        List<RequestFields> objects = new ArrayList<>();
        for (JsonNode element : array) {
            String name = "%s[%d]".formatted(field, objects.size());
            if (!element.isObject()) {
                throw fault(name, "must be an object.");
            }
            objects.add(new RequestFields(element, pathOf(name)));
        }
        return objects;
    }

    private JsonNode require(String field, String expected, Predicate<JsonNode> fits) {
        JsonNode value = object.path(field);
        if (value.isMissingNode() || value.isNull()) {
            throw fault(field, "is missing: %s is needed.".formatted(expected));
        }
        if (!fits.test(value)) {
            throw fault(field, "must be %s, not %s.".formatted(expected, shown(value)));
        }
        return value;
    }

    /** Makes a fault of one field, with status 400. @param rule follows the field's name in the message, e.g. {@code must be below 3.} */
    public ApiFault fault(String field, String rule) {
        return ApiFault.field(pathOf(field), "%s %s".formatted(pathOf(field), rule));
    }

    private String pathOf(String field) {
        return path.isEmpty() ? field : path + "." + field;
    }

    private static String shown(JsonNode value) {
        String text = value.toString();
        return text.length() <= MAX_SHOWN ? text : text.substring(0, MAX_SHOWN) + "…";
    }
}
