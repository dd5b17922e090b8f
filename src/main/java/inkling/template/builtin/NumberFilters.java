package inkling.template.builtin;

import inkling.template.value.Arithmetic;
import inkling.template.value.Arguments;
import inkling.template.value.Budget;
import inkling.template.value.Fault;
import inkling.template.value.Python;
import inkling.template.value.Text;
import inkling.template.value.Values.None;
import inkling.template.value.Values.Undefined;
import java.util.Map;
import java.util.regex.Pattern;

/** Jinja's filters of numbers. */
final class NumberFilters {
    private static final Pattern WHOLE = Pattern.compile("[+-]?[0-9]{1,18}");
    private static final Pattern REAL = Pattern.compile("[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?");
    private static final Pattern ONLY_PYTHON = Pattern.compile("[0-9]_[0-9]|[\\p{Nd}&&[^0-9]]|[0-9]{19}|\\A[+-]?(?i:nan|inf|infinity)\\z");

    private NumberFilters() {}

    static void addTo(Map<String, Filters.Filter> all) {
        all.put("int", NumberFilters::whole);
        all.put("float", NumberFilters::real);
        all.put("abs", NumberFilters::absolute);
        all.put("sum", NumberFilters::sum);
        all.put("round", (value, arguments, budget) -> {
            throw Fault.unsupported("the filter round");
        });
    }

    private static Object whole(Object value, Arguments arguments, Budget budget) {
        Arguments.Bound bound = arguments.bound("the filter int", "default", "base");
        if (bound.number("base", 10) != 10) {
            throw Fault.unsupported("the filter int with another base than 10");
        }
        Object fallback = bound.optional("default").orElse(0L);
        if (value instanceof Text text) {
            String stripped = plain(text);
            return WHOLE.matcher(stripped).matches() ? (Object) Long.valueOf(stripped.startsWith("+") ? stripped.substring(1) : stripped)
                : REAL.matcher(stripped).matches() ? (Object) truncated(Double.parseDouble(stripped)) : fallback;
        }
        if (value instanceof Double number) {
            return Double.isNaN(number) || Double.isInfinite(number) ? fallback : truncated(number);
        }
        if (value instanceof Undefined missing) {
            throw missing.fault();
        }
        return Python.isNumber(value) ? Python.integer(value) : fallback;
    }

    private static long truncated(double value) {
        if (Math.abs(value) >= 1L << 53) {
            throw Fault.unsupported("the filter int of a float beyond 53 bits");
        }
        return (long) value;
    }

    /**
     * The text without the white space around it.
     *
     * @throws Fault if the text is nan or an infinity, or contains digits that only Python reads: with underscores between them, beyond
     *     ASCII, or more than 18 in a row. This holds even if the text as a whole is no number in Python
     */
    private static String plain(Text text) {
        String stripped = TextMethods.strip(text, None.NONE, true, true).toString();
        if (ONLY_PYTHON.matcher(stripped).find()) {
            throw Fault.unsupported("reading \"%s\" as a number".formatted(stripped.length() > 40 ? stripped.substring(0, 40) : stripped));
        }
        return stripped;
    }

    private static Object real(Object value, Arguments arguments, Budget budget) {
        Object fallback = arguments.bound("the filter float", "default").optional("default").orElse(0.0);
        if (value instanceof Text text) {
            String stripped = plain(text);
            return REAL.matcher(stripped).matches() ? (Object) Double.valueOf(stripped) : fallback;
        }
        if (value instanceof Undefined missing) {
            throw missing.fault();
        }
        return Python.isNumber(value) ? Python.number(value) : fallback;
    }

    private static Object absolute(Object value, Arguments arguments, Budget budget) {
        Filters.withoutArguments(value, arguments);
        if (value instanceof Double number) {
            return Math.abs(number);
        }
        if (Python.isNumber(value)) {
            return Python.integer(value) < 0 ? Arithmetic.negative(value) : Python.integer(value);
        }
        throw value instanceof Undefined missing ? missing.fault()
            : Fault.failed("abs of %s is not possible.".formatted(Python.type(value)));
    }

    private static Object sum(Object value, Arguments arguments, Budget budget) {
        Arguments.Bound bound = arguments.bound("the filter sum", "attribute", "start");
        if (bound.optional("attribute").isPresent()) {
            throw Fault.unsupported("the filter sum with an attribute");
        }
        Object total = bound.optional("start").orElse(0L);
        if (total instanceof Text) {
            throw Fault.failed("sum() does not join strings.");
        }
        for (Object item : Python.items(value, budget)) {
            total = Arithmetic.ADD.of(total, item, budget);
        }
        return total;
    }
}
