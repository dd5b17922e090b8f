package inkling.config;

import inkling.config.Node.Scalar;
import inkling.errors.DidYouMean;
import java.math.BigInteger;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Decides what a scalar is, without conversions:
 * <ul>
 * <li>"12" in quotes is text, and so is 2024-01-01.</li>
 * <li>1e3 is a number. 3.7 is not a whole number.</li>
 * <li>Most scalars that YAML 1.1 and 1.2 read differently are refused: 010, yes, 12:30, 1_000.</li>
 * </ul>
 */
public final class Scalars {
    /** {@code NOTHING}: a key has no value. {@code DOUBTFUL}: versions of YAML read it differently. {@code NOT_FINITE}: .inf, nan … */
    enum Kind { NULL, BOOLEAN, INTEGER, REAL, TEXT, NOTHING, DOUBTFUL, NOT_FINITE }

    private static final Pattern INTEGER = Pattern.compile("[-+]?(0|[1-9][0-9]*)");
    private static final Pattern REAL = Pattern.compile("[-+]?(0|[1-9][0-9]*)?(\\.[0-9]*)?([eE][-+]?[0-9]+)?");
    private static final Pattern DOUBTFUL_NUMBER = Pattern.compile(
        "[-+]?([0-9][0-9_]*(\\.[0-9_]*)?([eE][-+]?[0-9]+)?|0[xob][0-9a-fA-F_]+|[0-9][0-9_]*(:[0-5]?[0-9])+(\\.[0-9_]*)?)");
    private static final Pattern DOUBTFUL_WORD = Pattern.compile("y|n|yes|no|on|off|true|false|null", Pattern.CASE_INSENSITIVE);
    private static final Pattern NOT_FINITE = Pattern.compile("[-+]?\\.?(inf|infinity|nan)", Pattern.CASE_INSENSITIVE);
    private static final Pattern SAFE = Pattern.compile("[A-Za-z_./][A-Za-z0-9_./-]*");
    /** The most characters of a number; a longer one is refused before any arithmetic. */
    private static final int LONGEST_NUMERAL = 40;

    private Scalars() {}

    static Kind kind(Scalar scalar) {
        String text = scalar.text();
        if (!scalar.plain()) {
            return Kind.TEXT;
        } else if (text.isEmpty()) {
            return Kind.NOTHING;
        } else if (scalar.isNull()) {
            return Kind.NULL;
        } else if (text.equals("true") || text.equals("false")) {
            return Kind.BOOLEAN;
        } else if (NOT_FINITE.matcher(text).matches()) {
            return Kind.NOT_FINITE;
        } else if (INTEGER.matcher(text).matches()) {
            return Kind.INTEGER;
        } else if (REAL.matcher(text).matches() && text.chars().anyMatch(c -> c >= '0' && c <= '9') && !text.matches("[-+]?[eE].*")) {
            return Kind.REAL;
        } else if (text.length() <= LONGEST_NUMERAL && (DOUBTFUL_NUMBER.matcher(text).matches() || DOUBTFUL_WORD.matcher(text).matches())) {
            return Kind.DOUBTFUL;
        }
        return Kind.TEXT;
    }

    /** The value of {@code scalar} if it is a number of at most {@value #LONGEST_NUMERAL} characters, else empty. */
    public static Optional<Double> number(Scalar scalar) {
        Kind kind = kind(scalar);
        boolean number = scalar.text().length() <= LONGEST_NUMERAL && (kind == Kind.INTEGER || kind == Kind.REAL);
        return number ? Optional.of(Double.parseDouble(scalar.text())) : Optional.empty();
    }

    /** Whether {@code text} needs no quotes: it is a word or path that does not look like a number, a boolean or null. */
    static boolean safePlain(String text) {
        return SAFE.matcher(text).matches() && kind(new Scalar(text, true, new Node.Place(""))) == Kind.TEXT;
    }

    /** Whether {@code node} could be a value of {@code type}: a number for int and double, text for others. {@link #value} checks more. */
    static boolean fits(Class<?> type, Node node) {
        if (!(node instanceof Scalar scalar)) {
            return false;
        }
        Kind kind = kind(scalar);
        return type == double.class || type == int.class ? kind == Kind.INTEGER || kind == Kind.REAL : kind == Kind.TEXT;
    }

    /** The noun for a value of {@code type} in messages, e.g. {@code a whole number}. */
    public static String noun(Class<?> type) {
        if (type == int.class || type == Integer.class || type == long.class || type == Long.class) {
            return "a whole number";
        } else if (type == double.class || type == Double.class) {
            return "a number";
        } else if (type == boolean.class || type == Boolean.class) {
            return "true or false";
        }
        return type.isEnum() ? "one of " + String.join(", ", Keys.words(type)) : type == Path.class ? "a path" : "text";
    }

    /** The scalar as a value of {@code type}: a primitive or its box, a String, a Path, an enum. */
    static Object value(Class<?> type, Node node, ValueLocation location) {
        if (!(node instanceof Scalar scalar)) {
            throw location.refuse("%s = %s must be %s.".formatted(location.key(), MessageText.of(node), noun(type)));
        }
        Kind kind = kind(scalar);
        String shown = location.key() + " = " + MessageText.of(node);
        if (kind == Kind.NOTHING) {
            throw location.refuse("%s has no value: %s is expected. Leave the key out for the default."
                .formatted(location.key(), noun(type)));
        } else if (type.isEnum()) {
            return constant(type, scalar, location);
        } else if (kind == Kind.DOUBTFUL) {
            throw location.refuse("%s means different things to different readers of YAML. %s is expected: write %s."
                .formatted(shown, capital(noun(type)), advice(type)));
        } else if ((type == boolean.class || type == Boolean.class) && kind == Kind.BOOLEAN) {
            return scalar.text().equals("true");
        } else if (type == String.class && kind == Kind.TEXT) {
            return scalar.text();
        } else if (type == Path.class && kind == Kind.TEXT) {
            return path(scalar, location);
        } else if ((type == int.class || type == Integer.class) && kind == Kind.INTEGER) {
            return (int) integer(scalar, Integer.MIN_VALUE, Integer.MAX_VALUE, location);
        } else if ((type == long.class || type == Long.class) && kind == Kind.INTEGER) {
            return integer(scalar, Long.MIN_VALUE, Long.MAX_VALUE, location);
        } else if ((type == double.class || type == Double.class) && (kind == Kind.INTEGER || kind == Kind.REAL)) {
            return real(scalar, location);
        }
        throw location.refuse("%s is %s, %s is expected: write %s.".formatted(shown, found(kind), noun(type), advice(type)));
    }

    private static Object constant(Class<?> type, Scalar scalar, ValueLocation location) {
        List<String> words = Keys.words(type);
        int index = words.indexOf(scalar.text());
        if (index >= 0) {
            return type.getEnumConstants()[index];
        }
        String hint = DidYouMean.hint(scalar.text(), words);
        throw location.refuse("%s = %s is unknown.%s Allowed: %s (%s)."
            .formatted(location.key(), MessageText.of(scalar), hint, String.join(", ", words), location.doc()));
    }

    private static Path path(Scalar scalar, ValueLocation location) {
        try {
            return Path.of(scalar.text());
        } catch (InvalidPathException e) {
            throw location.refuse("%s = %s is no path: %s.".formatted(location.key(), MessageText.of(scalar), e.getReason()));
        }
    }

    private static long integer(Scalar scalar, long min, long max, ValueLocation location) {
        if (scalar.text().length() <= LONGEST_NUMERAL) {
            BigInteger value = new BigInteger(scalar.text());
            if (value.compareTo(BigInteger.valueOf(min)) >= 0 && value.compareTo(BigInteger.valueOf(max)) <= 0) {
                return value.longValue();
            }
        }
        throw location.refuse("%s = %s must be in %d … %d.".formatted(location.key(), MessageText.of(scalar), min, max));
    }

    /** The scalar as a double; refused if it would overflow to infinity or underflow to 0, or has too many characters. */
    private static double real(Scalar scalar, ValueLocation location) {
        if (scalar.text().length() <= LONGEST_NUMERAL) {
            double value = Double.parseDouble(scalar.text());
            boolean vanished = value == 0 && scalar.text().split("[eE]")[0].chars().anyMatch(c -> c >= '1' && c <= '9');
            if (Double.isFinite(value) && !vanished) {
                return value;
            }
        }
        throw location.refuse("%s = %s must be a 64-bit floating-point number of at most %d characters."
            .formatted(location.key(), MessageText.of(scalar), LONGEST_NUMERAL));
    }

    private static String found(Kind kind) {
        return switch (kind) {
            case NULL -> "null";
            case BOOLEAN -> "a truth value";
            case INTEGER, REAL -> "a number";
            case TEXT -> "text";
            case NOTHING, DOUBTFUL -> "unclear";
            case NOT_FINITE -> "not a finite number";
        };
    }

    private static String advice(Class<?> type) {
        if (type == String.class || type == Path.class) {
            return "it in quotes";
        } else if (type == boolean.class || type == Boolean.class) {
            return "true or false without quotes";
        }
        return noun(type).equals("a whole number") ? "it without quotes, point, underscore or leading zero, e.g. 1000"
            : "it in plain decimals without quotes, e.g. 0.1 or 1.0e-3";
    }

    private static String capital(String words) {
        return words.substring(0, 1).toUpperCase(Locale.ROOT) + words.substring(1);
    }
}
