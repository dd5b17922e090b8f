package inkling.template.value;

import inkling.template.value.Values.Items;
import inkling.template.value.Values.Safe;
import inkling.template.value.Values.Undefined;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Python's arithmetic: whole numbers (here of 64 bits), floats, and {@code +} and {@code *} of strings, lists and tuples. */
public enum Arithmetic {
    ADD("+"), SUBTRACT("-"), MULTIPLY("*"), DIVIDE("/"), FLOOR_DIVIDE("//"), MODULO("%"), POWER("**");

    private final String symbol;

    Arithmetic(String symbol) {
        this.symbol = symbol;
    }

    /**
     * {@code a + b}, {@code a - b} ….
     *
     * @throws Fault if Python cannot compute this, or if it is not supported here
     */
    public Object of(Object a, Object b, Budget budget) {
        if (a instanceof Undefined missing) {
            throw missing.fault();
        }
        if (b instanceof Undefined missing) {
            throw missing.fault();
        }
        if (Python.isNumber(a) && Python.isNumber(b)) {
            return a instanceof Double || b instanceof Double ? real(Python.number(a), Python.number(b))
                : whole(Python.integer(a), Python.integer(b));
        }
        if (this == ADD) {
            return sum(a, b, budget);
        }
        if (this == MULTIPLY && (a instanceof Long || a instanceof Boolean)) {
            return repeated(b, Python.integer(a), budget).orElseThrow(() -> unfit(a, b));
        }
        if (this == MULTIPLY && (b instanceof Long || b instanceof Boolean)) {
            return repeated(a, Python.integer(b), budget).orElseThrow(() -> unfit(a, b));
        }
        if (this == MODULO && (a instanceof Text || a instanceof Safe)) {
            throw Fault.unsupported("formatting a string with %");
        }
        throw unfit(a, b);
    }

    private Fault unfit(Object a, Object b) {
        return Fault.failed("%s %s %s is not possible.".formatted(Python.type(a), symbol, Python.type(b)));
    }

    private Object sum(Object a, Object b, Budget budget) {
        if (a instanceof Text x && b instanceof Text y) {
            budget.characters((long) x.length() + y.length() + x.runs() + y.runs());
            return x.plus(y);
        }
        if (a instanceof Items x && b instanceof Items y && x.isTuple() == y.isTuple()) {
            budget.step((long) x.list().size() + y.list().size());
            List<Object> all = new ArrayList<>(x.list());
            all.addAll(y.list());
            return new Items(all, x.isTuple());
        }
        if ((a instanceof Safe || a instanceof Text) && (b instanceof Safe || b instanceof Text)) {
            return new Safe(escaped(a, budget).plus(escaped(b, budget)));
        }
        throw unfit(a, b);
    }

    /**
     * The text of a summand, for a sum with a {@link Safe}. A safe summand gives its text as it is. In another text, HTML's five special
     * characters are escaped, as Jinja's Markup does.
     */
    private static Text escaped(Object value, Budget budget) {
        if (value instanceof Safe safe) {
            budget.characters(safe.text().length());
            return safe.text();
        }
        Text text = (Text) value;
        TextBuilder out = new TextBuilder();
        for (int at = 0; at < text.length(); at++) {
            String entity = switch (text.toString().charAt(at)) {
                case '&' -> "&amp;";
                case '<' -> "&lt;";
                case '>' -> "&gt;";
                case '\'' -> "&#39;";
                case '"' -> "&#34;";
                default -> "";
            };
            if (entity.isEmpty()) {
                out.add(text, at, at + 1);
            } else {
                out.add(entity, text.sub(at, at + 1).origin(0));
            }
        }
        budget.characters(out.length());
        return out.build();
    }

    /** @return empty if {@code value} is nothing that can be repeated */
    private static Optional<Object> repeated(Object value, long times, Budget budget) {
        long count = Math.max(0, times);
        if (value instanceof Text text) {
            budget.characters(product(text.length() + text.runs(), count));
            budget.step(count);
            TextBuilder all = new TextBuilder();
            for (long i = 0; i < count && !text.isEmpty(); i++) {
                all.add(text);
            }
            return Optional.of(all.build());
        }
        if (value instanceof Items items) {
            budget.step(product(items.list().size() + 1L, count));
            List<Object> all = new ArrayList<>();
            for (long i = 0; i < count; i++) {
                all.addAll(items.list());
            }
            return Optional.of(new Items(all, items.isTuple()));
        }
        if (value instanceof Safe) {
            throw Fault.unsupported("repeating a text that is marked safe");
        }
        return Optional.empty();
    }

    /** Gives {@code size * count}, or a number above every limit of {@link Budget} if the product does not fit into 64 bits. */
    private static long product(long size, long count) {
        return size == 0 ? 0 : count > Long.MAX_VALUE / size ? Long.MAX_VALUE : size * count;
    }

    private Object whole(long a, long b) {
        try {
            return switch (this) {
                case ADD -> Math.addExact(a, b);
                case SUBTRACT -> Math.subtractExact(a, b);
                case MULTIPLY -> Math.multiplyExact(a, b);
                case DIVIDE -> quotient(a, b);
                case FLOOR_DIVIDE -> a == Long.MIN_VALUE && b == -1 ? Math.negateExact(a) : Math.floorDiv(a, divisor(b));
                case MODULO -> Math.floorMod(a, divisor(b));
                case POWER -> power(a, b);
            };
        } catch (ArithmeticException e) {
            throw Fault.unsupported("a whole number of more than 64 bits");
        }
    }

    private static double quotient(long a, long b) {
        divisor(b);
        if (Math.abs((double) a) > 1L << 53 || Math.abs((double) b) > 1L << 53) {
            throw Fault.unsupported("dividing a whole number of more than 53 bits");
        }
        return (double) a / b;
    }

    private static long divisor(long b) {
        if (b == 0) {
            throw Fault.failed("division by zero.");
        }
        return b;
    }

    private static long power(long a, long exponent) {
        if (exponent < 0) {
            throw Fault.unsupported("a negative exponent");
        }
        if (a == 0 || a == 1) {
            return exponent == 0 ? 1 : a;
        }
        if (a == -1) {
            return exponent % 2 == 0 ? 1 : -1;
        }
        long result = 1;
        for (long i = 0; i < exponent; i++) {   // ends by overflow after at most 64 steps
            result = Math.multiplyExact(result, a);
        }
        return result;
    }

    private double real(double a, double b) {
        if ((this == DIVIDE || this == FLOOR_DIVIDE || this == MODULO) && b == 0) {
            throw Fault.failed("division by zero.");
        }
        return switch (this) {
            case ADD -> a + b;
            case SUBTRACT -> a - b;
            case MULTIPLY -> a * b;
            case DIVIDE -> a / b;
            case FLOOR_DIVIDE, MODULO, POWER -> throw Fault.unsupported("%s of floats".formatted(symbol));
        };
    }

    /** {@code -value}. */
    public static Object negative(Object value) {
        if (value instanceof Double real) {
            return -real;
        }
        if (Python.isNumber(value)) {
            return SUBTRACT.whole(0, Python.integer(value));
        }
        throw value instanceof Undefined missing ? missing.fault() : Fault.failed("-%s is not possible.".formatted(Python.type(value)));
    }

    /** {@code +value}. */
    public static Object positive(Object value) {
        if (Python.isNumber(value)) {
            return value instanceof Boolean ? Python.integer(value) : value;
        }
        throw value instanceof Undefined missing ? missing.fault() : Fault.failed("+%s is not possible.".formatted(Python.type(value)));
    }
}
