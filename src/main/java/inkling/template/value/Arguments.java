package inkling.template.value;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The arguments of a call, in order and by name. */
public record Arguments(List<Object> positional, Map<String, Object> named) {
    public static final Arguments NONE = new Arguments(List.of(), Map.of());

    /**
     * Gives each argument the name of its parameter: {@code bound("the filter indent", "width", "first")}.
     *
     * @param function the function's name in messages
     * @throws Fault if there are too many arguments, an unknown name, or two arguments for one parameter
     */
    public Bound bound(String function, String... parameters) {
        if (positional.size() > parameters.length) {
            throw Fault.failed("%s takes at most %d arguments, not %d.".formatted(function, parameters.length, positional.size()));
        }
        Map<String, Object> values = new LinkedHashMap<>();
        for (int i = 0; i < positional.size(); i++) {
            values.put(parameters[i], positional.get(i));
        }
        named.forEach((name, value) -> {
            if (!List.of(parameters).contains(name)) {
                throw Fault.failed("%s has no argument %s.".formatted(function, name));
            }
            if (values.put(name, value) != null) {
                throw Fault.failed("%s is given %s twice.".formatted(function, name));
            }
        });
        return new Bound(function, values);
    }

    /** These arguments without the first positional one. */
    public Arguments rest() {
        return new Arguments(new ArrayList<>(positional.subList(1, positional.size())), named);
    }

    /** Arguments by the names of their parameters. {@link #text} and {@link #number} throw {@link Fault} for a value of another type. */
    public record Bound(String function, Map<String, Object> values) {
        public Optional<Object> optional(String name) {
            return Optional.ofNullable(values.get(name));
        }

        public Object required(String name) {
            return optional(name).orElseThrow(() -> Fault.failed("%s needs the argument %s.".formatted(function, name)));
        }

        /** The text of an argument; {@code fallback} if the argument is not given. */
        public Text text(String name, String fallback) {
            Object value = values.get(name);
            if (value == null) {
                return Text.template(fallback);
            }
            if (value instanceof Text text) {
                return text;
            }
            throw Fault.failed("%s of %s must be a string.".formatted(name, function));
        }

        /** The whole number of an argument; {@code fallback} if the argument is not given. */
        public long number(String name, long fallback) {
            Object value = values.get(name);
            if (value == null) {
                return fallback;
            }
            if (value instanceof Long || value instanceof Boolean) {
                return Python.integer(value);
            }
            throw Fault.failed("%s of %s must be a whole number.".formatted(name, function));
        }

        /** Whether Python counts the value of an argument as true; {@code fallback} if the argument is not given. */
        public boolean flag(String name, boolean fallback, Budget budget) {
            Object value = values.get(name);
            return value == null ? fallback : Python.truth(value, budget);
        }
    }
}
