package inkling.template.value;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The kinds of value, other than {@link Text}, {@code Boolean}, {@code Long} and {@code Double}. As in Jinja's immutable sandbox, a
 * template can set the attributes of a {@link Namespace}, but change no list or dict.
 */
public final class Values {
    private Values() {}

    /** Python's {@code None}, JSON's null. */
    public enum None { NONE }

    /**
     * The value of what does not exist, e.g. of a missing name or key. It prints as nothing, counts as false and has no items. Almost every
     * other operation fails with {@code message}.
     */
    public record Undefined(String message) {
        public static Undefined name(String name) {
            return new Undefined("'%s' is undefined".formatted(name));
        }

        public Fault fault() {
            return Fault.failed(message + ".");
        }

        /** In Jinja all undefined values are equal. */
        @Override
        public boolean equals(Object other) {
            return other instanceof Undefined;
        }

        @Override
        public int hashCode() {
            return 0;
        }
    }

    /** A list or a tuple. A tuple prints in parentheses and never equals a list. */
    public record Items(List<Object> list, boolean isTuple) {
        public static Items list(List<Object> items) {
            return new Items(items, false);
        }

        public static Items tuple(Object... items) {
            return new Items(List.of(items), true);
        }
    }

    /** A dict. Keys are texts, whole numbers or None, in the order of their insertion. */
    public record Dict(Map<Object, Object> entries) {
        public static Dict of(Map<String, Object> named) {
            Map<Object, Object> entries = new LinkedHashMap<>();
            named.forEach((name, value) -> entries.put(Text.template(name), value));
            return new Dict(entries);
        }
    }

    /** A value with attributes of its own, and no items. */
    public interface Attributed {
        Optional<Object> attribute(String name);
    }

    /** A value whose attributes a template can set: {@code set ns.x = …}. */
    public record Namespace(Map<String, Object> attributes) implements Attributed {
        @Override
        public Optional<Object> attribute(String name) {
            return Optional.ofNullable(attributes.get(name));
        }

        @Override
        public boolean equals(Object other) {
            return this == other;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(this);
        }
    }

    /**
     * The result of {@code keys()}, {@code values()}, {@code items()} or {@code range()}. A view has a length and items, but is no list.
     */
    public record View(String type, List<Object> list) {}

    /** A generator, e.g. the result of {@code map}, which computes its items when they are first asked for. Each is given only once. */
    public static final class Lazy {
        private Supplier<List<Object>> rest;

        public Lazy(Supplier<List<Object>> items) {
            this.rest = items;
        }

        /** Gives the items that were not given yet. A second call gives none. */
        public List<Object> take() {
            List<Object> items = rest.get();
            rest = List::of;
            return items;
        }

        /** Takes the first item; Undefined with {@code message} if there is none. */
        public Object next(String message) {
            List<Object> items = take();
            if (items.isEmpty()) {
                return new Undefined(message);
            }
            rest = () -> items.subList(1, items.size());
            return items.get(0);
        }
    }

    /**
     * The result of the filter {@code safe}, Jinja's Markup. In a sum of a safe and another text, HTML's special characters in the other
     * text are escaped.
     */
    public record Safe(Text text) {}

    /** A method of a value, not yet called. */
    public record Method(Object self, String name) {}

    /** A value that a template can call, such as a macro or one of the functions. */
    public interface Callable {
        Object call(Arguments arguments, Budget budget);
    }
}
