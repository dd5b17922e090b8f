package inkling.template.value;

import inkling.template.value.Values.Dict;
import inkling.template.value.Values.Items;
import inkling.template.value.Values.Lazy;
import inkling.template.value.Values.None;
import inkling.template.value.Values.Safe;
import inkling.template.value.Values.Undefined;
import inkling.template.value.Values.View;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Python's rules for values of any type: truth, equality, order, length, membership. */
public final class Python {
    private static final double EXACT = 1L << 53;   // below this, every whole number is a double

    private Python() {}

    /** Whether Python counts {@code value} as true in {@code if value}. */
    public static boolean truth(Object value, Budget budget) {
        if (value instanceof Boolean flag) {
            return flag;
        }
        if (value instanceof Long number) {
            return number != 0;
        }
        if (value instanceof Double number) {
            return number != 0;
        }
        if (value == None.NONE || value instanceof Undefined) {
            return false;
        }
        return length(value, budget).orElse(1L) > 0;
    }

    /** Python's {@code len()}: for a text, the number of code points. Empty if Python has no length for the value. */
    public static Optional<Long> length(Object value, Budget budget) {
        if (value instanceof Text text) {
            budget.step(text.length() / Budget.CHARACTERS_A_STEP);
            return Optional.of((long) text.count());
        }
        if (value instanceof Safe safe) {
            return length(safe.text(), budget);
        }
        if (value instanceof Items items) {
            return Optional.of((long) items.list().size());
        }
        if (value instanceof Dict dict) {
            return Optional.of((long) dict.entries().size());
        }
        if (value instanceof View view) {
            return Optional.of((long) view.list().size());
        }
        return value instanceof Undefined ? Optional.of(0L) : Optional.empty();
    }

    /** The items of a for loop over {@code value}; empty if Python cannot iterate over it. This uses up a generator. */
    public static Optional<List<Object>> iterate(Object value, Budget budget) {
        if (value instanceof Items items) {
            return Optional.of(items.list());
        }
        if (value instanceof Dict dict) {
            budget.step(dict.entries().size());
            return Optional.of(new ArrayList<>(dict.entries().keySet()));
        }
        if (value instanceof View view) {
            return Optional.of(view.list());
        }
        if (value instanceof Lazy lazy) {
            return Optional.of(lazy.take());
        }
        if (value instanceof Text text) {
            budget.step(text.length());
            List<Object> letters = new ArrayList<>(text.length());
            for (int at = 0, end; at < text.length(); at = end) {
                end = text.toString().offsetByCodePoints(at, 1);
                letters.add(text.sub(at, end));
            }
            return Optional.of(letters);
        }
        if (value instanceof Safe) {
            throw Fault.unsupported("walking over a text that is marked safe");
        }
        return value instanceof Undefined ? Optional.of(List.of()) : Optional.empty();
    }

    /**
     * As {@link #iterate}.
     *
     * @throws Fault if Python cannot iterate over the value
     */
    public static List<Object> items(Object value, Budget budget) {
        return iterate(value, budget).orElseThrow(() -> Fault.failed("'%s' is not iterable.".formatted(type(value))));
    }

    /**
     * {@code a == b}.
     *
     * @throws Fault if a view is compared, or NaN with a number
     */
    public static boolean equal(Object a, Object b, Budget budget) {
        if (a instanceof View || b instanceof View) {
            throw Fault.unsupported("comparing " + type(a instanceof View ? a : b));
        }
        budget.enter();
        boolean equal = isNumber(a) && isNumber(b) ? compareNumbers(a, b) == 0
            : a instanceof Items x && b instanceof Items y ? x.isTuple() == y.isTuple() && equalItems(x.list(), y.list(), budget)
            : a instanceof Dict x && b instanceof Dict y ? equalEntries(x.entries(), y.entries(), budget)
            : unmarked(a) instanceof Text x && unmarked(b) instanceof Text y ? equalTexts(x, y, budget)
            : a instanceof Safe || b instanceof Safe ? unmarked(a).equals(unmarked(b))
            : a instanceof Undefined ? a.equals(b) : a == b;
        budget.leave();
        return equal;
    }

    private static boolean equalTexts(Text a, Text b, Budget budget) {
        budget.step(a.length() / Budget.CHARACTERS_A_STEP);
        return a.equals(b);
    }

    private static Object unmarked(Object value) {
        return value instanceof Safe safe ? safe.text() : value;
    }

    private static boolean equalItems(List<Object> a, List<Object> b, Budget budget) {
        if (a.size() != b.size()) {
            return false;
        }
        for (int i = 0; i < a.size(); i++) {
            if (!equal(a.get(i), b.get(i), budget)) {
                return false;
            }
        }
        return true;
    }

    private static boolean equalEntries(Map<Object, Object> a, Map<Object, Object> b, Budget budget) {
        if (a.size() != b.size()) {
            return false;
        }
        for (Map.Entry<Object, Object> entry : a.entrySet()) {
            Object other = b.get(entry.getKey());
            if (other == null || !equal(entry.getValue(), other, budget)) {
                return false;
            }
        }
        return true;
    }

    /**
     * Gives a negative number if {@code a} is less than {@code b}, 0 if they are equal, and a positive number if {@code a} is greater.
     *
     * @throws Fault if the values have no order, or if one is NaN
     */
    public static int compare(Object a, Object b, Budget budget) {
        budget.step(1);
        if (isNumber(a) && isNumber(b)) {
            return compareNumbers(a, b);
        }
        if (unmarked(a) instanceof Text x && unmarked(b) instanceof Text y) {
            budget.step(x.length() / Budget.CHARACTERS_A_STEP);
            return compareTexts(x.toString(), y.toString());
        }
        if (a instanceof Items x && b instanceof Items y && x.isTuple() == y.isTuple()) {
            for (int i = 0; i < Math.min(x.list().size(), y.list().size()); i++) {
                if (!equal(x.list().get(i), y.list().get(i), budget)) {
                    return compare(x.list().get(i), y.list().get(i), budget);
                }
            }
            return Integer.compare(x.list().size(), y.list().size());
        }
        throw a instanceof Undefined missing ? missing.fault() : b instanceof Undefined missing ? missing.fault()
            : Fault.failed("%s and %s have no order.".formatted(type(a), type(b)));
    }

    /** Compares by code points. A comparison by UTF-16 units would put U+FF5E after U+1F600. */
    private static int compareTexts(String a, String b) {
        int at = 0;
        while (at < a.length() && at < b.length() && a.charAt(at) == b.charAt(at)) {
            at++;
        }
        if (at == a.length() || at == b.length()) {
            return Integer.compare(a.length(), b.length());
        }
        boolean split = Character.isLowSurrogate(a.charAt(at)) && at > 0 && Character.isHighSurrogate(a.charAt(at - 1));
        int start = split ? at - 1 : at;
        return Integer.compare(a.codePointAt(start), b.codePointAt(start));
    }

    /** Whether {@code value} is a whole number, a float or a bool. */
    public static boolean isNumber(Object value) {
        return value instanceof Long || value instanceof Double || value instanceof Boolean;
    }

    private static int compareNumbers(Object a, Object b) {
        double x = number(a);
        double y = number(b);
        if (Double.isNaN(x) || Double.isNaN(y)) {
            throw Fault.unsupported("comparing with NaN");
        }
        if (a instanceof Double && b instanceof Double || Math.abs(x) < EXACT && Math.abs(y) < EXACT || Double.isInfinite(x)
            || Double.isInfinite(y)) {
            return x < y ? -1 : x > y ? 1 : 0;
        }
        return exact(a).compareTo(exact(b));
    }

    private static BigDecimal exact(Object value) {
        return value instanceof Double real ? new BigDecimal(real) : BigDecimal.valueOf(integer(value));
    }

    /** A number as a double. */
    public static double number(Object value) {
        return value instanceof Double real ? real : integer(value);
    }

    /** A whole number or a bool as a long; True is 1. */
    public static long integer(Object value) {
        return value instanceof Boolean flag ? flag ? 1 : 0 : (Long) value;
    }

    /** {@code item in container}. */
    public static boolean contains(Object container, Object item, Budget budget) {
        if (unmarked(container) instanceof Text text) {
            if (unmarked(item) instanceof Text part) {
                budget.step(text.length() / Budget.CHARACTERS_A_STEP);
                return text.toString().contains(part.toString());
            }
            throw item instanceof Undefined missing ? missing.fault()
                : Fault.failed("'in <string>' needs a string, not %s.".formatted(type(item)));
        }
        if (container instanceof Dict dict) {
            return dict.entries().containsKey(key(item));
        }
        List<Object> items = iterate(container, budget)
            .orElseThrow(() -> Fault.failed("'in' needs something with items, not %s.".formatted(type(container))));
        for (Object each : items) {
            if (equal(each, item, budget)) {
                return true;
            }
        }
        return false;
    }

    /**
     * {@code value} as a key of a dict: 1 and True are one key.
     *
     * @throws Fault if Python refuses such a key, or if such a key is not supported here: a float, a tuple …
     */
    public static Object key(Object value) {
        if (value instanceof Text || value instanceof Long || value == None.NONE || value instanceof Undefined) {
            return value;
        }
        if (value instanceof Safe safe) {
            return safe.text();
        }
        if (value instanceof Boolean) {
            return integer(value);
        }
        if (value instanceof Items items && !items.isTuple() || value instanceof Dict) {
            throw Fault.failed("%s cannot be a key.".formatted(type(value)));
        }
        throw Fault.unsupported("a key that is a " + type(value));
    }

    /** Python's name of the value's type; {@code function} for every function, and also for a macro and {@code loop}. */
    public static String type(Object value) {
        return value instanceof Text || value instanceof Safe ? "str" : value instanceof Boolean ? "bool" : value instanceof Long ? "int"
            : value instanceof Double ? "float" : value == None.NONE ? "NoneType" : value instanceof Dict ? "dict"
            : value instanceof Items items ? items.isTuple() ? "tuple" : "list" : value instanceof View view ? view.type()
            : value instanceof Lazy ? "generator" : value instanceof Undefined ? "Undefined"
            : value instanceof Values.Namespace ? "Namespace" : value instanceof Values.Method ? "method" : "function";
    }
}
