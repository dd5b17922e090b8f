package inkling.template.builtin;

import inkling.template.value.Arguments;
import inkling.template.value.Budget;
import inkling.template.value.Fault;
import inkling.template.value.Python;
import inkling.template.value.Subscript;
import inkling.template.value.Text;
import inkling.template.value.Values.Attributed;
import inkling.template.value.Values.Callable;
import inkling.template.value.Values.Dict;
import inkling.template.value.Values.Items;
import inkling.template.value.Values.Method;
import inkling.template.value.Values.None;
import inkling.template.value.Values.Safe;
import inkling.template.value.Values.Undefined;
import inkling.template.value.Values.View;
import java.util.Optional;
import java.util.Set;

/**
 * Computes {@code value.name} and {@code value[key]}. The first looks for one of Python's attributes, then for an item. The second looks
 * for an item first. A template cannot reach a Java object this way: values have only the attributes listed here, and those of
 * {@link Attributed}.
 */
public final class Attributes {
    private static final Set<String> OF_TEXT = Set.of("capitalize", "casefold", "center", "count", "encode", "endswith",
        "expandtabs", "find",
        "format", "format_map", "index", "isalnum", "isalpha", "isascii", "isdecimal", "isdigit", "isidentifier", "islower", "isnumeric",
        "isprintable", "isspace", "istitle", "isupper", "join", "ljust", "lower", "lstrip", "maketrans", "partition", "removeprefix",
        "removesuffix", "replace", "rfind", "rindex", "rjust", "rpartition", "rsplit", "rstrip", "split", "splitlines", "startswith",
        "strip", "swapcase", "title", "translate", "upper", "zfill");
    private static final Set<String> OF_DICT = Set.of("copy", "fromkeys", "get", "items", "keys", "values");
    private static final Set<String> CHANGING_DICT = Set.of("clear", "pop", "popitem", "setdefault", "update");
    private static final Set<String> OF_LIST = Set.of("copy", "count", "index");
    private static final Set<String> CHANGING_LIST = Set.of("append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort");
    private static final Set<String> OF_TUPLE = Set.of("count", "index");
    private static final Set<String> OF_WHOLE = Set.of("as_integer_ratio", "bit_count", "bit_length", "conjugate", "denominator",
        "from_bytes", "imag", "numerator", "real", "to_bytes");
    private static final Set<String> OF_REAL = Set.of("as_integer_ratio", "conjugate", "fromhex", "hex", "imag", "is_integer", "real");
    private static final Set<String> OF_RANGE = Set.of("count", "index", "start", "step", "stop");
    private static final Set<String> OF_VIEW = Set.of("isdisjoint", "mapping");

    private Attributes() {}

    /**
     * {@code value.name}; {@link Undefined} if there is no such attribute or item.
     *
     * @throws Fault if {@code value} is itself undefined. Also if {@code value} is not {@link Attributed}, and is a function or a method or
     *     the name is {@code __…__}
     */
    public static Object attribute(Object value, String name, Budget budget) {
        return own(value, name).or(() -> Subscript.item(value, Text.template(name), budget)).orElseGet(() -> missing(value, name));
    }

    /**
     * {@code value[key]}. If there is no such item and the key is a text, gives the attribute of that name; {@link Undefined} if there is
     * neither.
     *
     * @throws Fault if {@code value} is undefined, or if a key of this kind is not supported for it. Looking for an attribute also throws
     *     as {@link #attribute} does
     */
    public static Object item(Object value, Object key, Budget budget) {
        Object plain = key instanceof Safe safe ? safe.text() : key;
        return Subscript.item(value, plain, budget).or(() -> plain instanceof Text text ? own(value, text.toString()) : Optional.empty())
            .orElseGet(() -> missing(value, plain));
    }

    private static Undefined missing(Object value, Object key) {
        String shown = key == None.NONE ? "None" : key.toString();
        return new Undefined("'%s' has no attribute or item '%s'".formatted(Python.type(value),
            shown.length() > 60 ? shown.substring(0, 60) + "…" : shown));
    }

    private static Optional<Object> own(Object value, String name) {
        if (value instanceof Undefined missing) {
            throw missing.fault();
        }
        if (value instanceof Attributed object) {
            return object.attribute(name);
        }
        if (name.startsWith("__") && name.endsWith("__") || value instanceof Callable || value instanceof Method) {
            throw Fault.unsupported("the attribute %s of a %s".formatted(name, Python.type(value)));
        }
        if (value instanceof Dict && CHANGING_DICT.contains(name)
            || value instanceof Items items && !items.isTuple() && CHANGING_LIST.contains(name)) {
            return Optional.of(new Undefined("'%s' of a %s would change it, which templates may not do".formatted(name,
                Python.type(value))));
        }
        return names(value).contains(name) ? Optional.of(new Method(value, name)) : Optional.empty();
    }

    private static Set<String> names(Object value) {
        return value instanceof Text || value instanceof Safe ? OF_TEXT : value instanceof Dict ? OF_DICT
            : value instanceof Items items ? items.isTuple() ? OF_TUPLE : OF_LIST
            : value instanceof Long || value instanceof Boolean ? OF_WHOLE : value instanceof Double ? OF_REAL
            : value instanceof View view ? view.type().equals("range") ? OF_RANGE : OF_VIEW : Set.of();
    }

    /** {@code value(arguments)}. */
    public static Object call(Object value, Arguments arguments, Budget budget) {
        if (value instanceof Callable function) {
            return function.call(arguments, budget);
        }
        if (value instanceof Method method) {
            if (method.self() instanceof Text text) {
                return TextMethods.call(text, method.name(), arguments, budget);
            }
            if (method.self() instanceof Dict dict) {
                return ListMethods.call(dict, method.name(), arguments, budget);
            }
            if (method.self() instanceof Items items) {
                return ListMethods.call(items, method.name(), arguments, budget);
            }
            throw Fault.unsupported("%s() of a %s".formatted(method.name(), Python.type(method.self())));
        }
        throw value instanceof Undefined missing ? missing.fault() : Fault.failed("a %s cannot be called.".formatted(Python.type(value)));
    }
}
