package inkling.io.gguf;

import inkling.errors.ModelFormatException;
import inkling.errors.Printable;
import inkling.io.gguf.GgufValue.Type;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * The keys of a GGUF file with their values, in order. A method that reads a value, such as {@link #text}, throws a
 * {@link ModelFormatException} if the value is of another kind. If the key is missing, the methods named
 * {@code require…} throw it, too, and the others give an empty result.
 *
 * @param source the file's name in messages
 */
public record GgufMetadata(String source, Map<String, GgufValue> values) {
    private static final int MOST_SHOWN = 60;

    public boolean has(String key) {
        return values.containsKey(key);
    }

    public Set<String> keys() {
        return values.keySet();
    }

    public Optional<String> text(String key) {
        return value(key, Type.TEXT, "a text", String.class);
    }

    /** @throws ModelFormatException if the key is missing, or its value is no text */
    public String requireText(String key) {
        return text(key).orElseThrow(() -> missing(key));
    }

    /** A whole number from 0 to 2^31 − 1. */
    public OptionalInt count(String key) {
        GgufValue value = values.get(key);
        if (value == null) {
            return OptionalInt.empty();
        }
        if (!(value.value() instanceof Long number) || number < 0 || number > Integer.MAX_VALUE) {
            throw fault(key, "must be a whole number from 0 to %d.".formatted(Integer.MAX_VALUE));
        }
        return OptionalInt.of(number.intValue());
    }

    /** @throws ModelFormatException if the key is missing, or its value is no {@link #count} */
    public int requireCount(String key) {
        return count(key).orElseThrow(() -> missing(key));
    }

    /** A finite floating-point number. A 32-bit one is read as the short decimal that stands for it: 0.1, not 0.10000000149011612. */
    public Optional<Double> real(String key) {
        GgufValue value = values.get(key);
        if (value == null) {
            return Optional.empty();
        }
        if (!(value.value() instanceof Double number) || !Double.isFinite(number)) {
            throw fault(key, "must be a finite floating-point number.");
        }
        return Optional.of(value.type() == Type.F32 ? Double.parseDouble(Float.toString(number.floatValue())) : number);
    }

    public Optional<Boolean> flag(String key) {
        return value(key, Type.BOOL, "true or false", Boolean.class);
    }

    /** A list of texts; empty if the key is missing. */
    public List<String> texts(String key) {
        return list(key, "texts", String.class);
    }

    /** A list of whole numbers; empty if the key is missing. */
    public List<Long> wholes(String key) {
        return list(key, "whole numbers", Long.class);
    }

    /** A list of floating-point numbers, 32-bit ones widened exactly; empty if the key is missing. */
    public List<Double> reals(String key) {
        return list(key, "floating-point numbers", Double.class);
    }

    private <T> Optional<T> value(String key, Type type, String kind, Class<T> wanted) {
        GgufValue value = values.get(key);
        if (value == null) {
            return Optional.empty();
        }
        if (value.type() != type || !wanted.isInstance(value.value())) {
            throw fault(key, "must be %s.".formatted(kind));
        }
        return Optional.of(wanted.cast(value.value()));
    }

    private <T> List<T> list(String key, String kind, Class<T> wanted) {
        GgufValue value = values.get(key);
        if (value == null) {
            return List.of();
        }
        if (!(value.value() instanceof List<?> list) || !list.stream().allMatch(wanted::isInstance)) {
            throw fault(key, "must be a list of %s.".formatted(kind));
        }
        return list.stream().map(wanted::cast).toList();
    }

    private ModelFormatException missing(String key) {
        return new ModelFormatException("%s: the key %s is missing.".formatted(source, key));
    }

    /** A fault with the message {@code FILE: KEY = VALUE RULE}. */
    public ModelFormatException fault(String key, String rule) {
        return new ModelFormatException("%s: %s %s".formatted(source, said(key), rule));
    }

    /** {@code KEY = VALUE}, with a long value cut off. */
    public String said(String key) {
        Object value = values.get(key) == null ? "?" : values.get(key).value();
        String shown = value instanceof List<?> list ? "a list of " + list.size() : Printable.escape(String.valueOf(value));
        return Printable.escape(key) + " = " + (shown.length() > MOST_SHOWN ? shown.substring(0, MOST_SHOWN) + "…" : shown);
    }
}
