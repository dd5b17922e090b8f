package inkling.template.value;

import inkling.template.value.Values.Dict;
import inkling.template.value.Values.Items;
import inkling.template.value.Values.None;
import inkling.template.value.Values.Safe;
import inkling.template.value.Values.Undefined;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.List;

/**
 * Python's {@code str()} and {@code repr()}. Characters of texts keep their {@link Origin}. Quotes, brackets and numbers count as the
 * template's own.
 */
public final class Printing {
    private static final int MOST_DIGITS = 17;   // 17 digits tell any two doubles apart

    private final Budget budget;
    private final TextBuilder out = new TextBuilder();

    private Printing(Budget budget) {
        this.budget = budget;
    }

    /** The text that a template prints for {@code value}: Python's {@code str()}, but nothing for Undefined. */
    public static Text text(Object value, Budget budget) {
        if (value instanceof Text text) {
            return text;
        }
        if (value instanceof Safe safe) {
            return safe.text();
        }
        return value instanceof Undefined ? Text.EMPTY : repr(value, budget);
    }

    /** The text that Python prints for {@code value} inside a list: its {@code repr()}. */
    public static Text repr(Object value, Budget budget) {
        Printing printing = new Printing(budget);
        printing.write(value);
        return printing.out.build();
    }

    /** Adds characters that count as the template's own. */
    private void ofTemplate(String text) {
        budget.characters(text.length());
        out.add(text, Origin.TEMPLATE);
    }

    private void write(Object value) {
        budget.enter();
        if (value instanceof Text text) {
            quote(text);
        } else if (value instanceof Boolean flag) {
            ofTemplate(flag ? "True" : "False");
        } else if (value instanceof Long number) {
            ofTemplate(Long.toString(number));
        } else if (value instanceof Double number) {
            ofTemplate(real(number));
        } else if (value == None.NONE) {
            ofTemplate("None");
        } else if (value instanceof Undefined) {
            ofTemplate("Undefined");
        } else if (value instanceof Items items) {
            items(items);
        } else if (value instanceof Dict dict) {
            ofTemplate("{");
            String between = "";
            for (var entry : dict.entries().entrySet()) {
                ofTemplate(between);
                write(entry.getKey());
                ofTemplate(": ");
                write(entry.getValue());
                between = ", ";
            }
            ofTemplate("}");
        } else {
            throw Fault.unsupported("printing a " + Python.type(value));
        }
        budget.leave();
    }

    private void items(Items items) {
        List<Object> list = items.list();
        ofTemplate(items.isTuple() ? "(" : "[");
        for (int i = 0; i < list.size(); i++) {
            ofTemplate(i == 0 ? "" : ", ");
            write(list.get(i));
        }
        ofTemplate(items.isTuple() ? list.size() == 1 ? ",)" : ")" : "]");
    }

    /** Adds a text in single quotes. If the text contains single quotes but no double quotes, adds it in double quotes. */
    private void quote(Text text) {
        String characters = text.toString();
        boolean single = characters.indexOf('\'') < 0 || characters.indexOf('"') >= 0;
        ofTemplate(single ? "'" : "\"");
        for (int at = 0, end; at < characters.length(); at = end) {
            int c = characters.codePointAt(at);
            end = at + Character.charCount(c);
            String escape = switch (c) {
                case '\\' -> "\\\\";
                case '\n' -> "\\n";
                case '\r' -> "\\r";
                case '\t' -> "\\t";
                case '\'' -> single ? "\\'" : "";
                default -> isPrintable(c) ? "" : c < 0x100 ? "\\x%02x".formatted(c) : c < 0x10000 ? "\\u%04x".formatted(c)
                    : "\\U%08x".formatted(c);
            };
            if (escape.isEmpty()) {
                out.add(text, at, end);
            } else {
                out.add(escape, text.sub(at, end).origin(0));
            }
            budget.characters(end - at + escape.length());
        }
        ofTemplate(single ? "'" : "\"");
    }

    /** As Python's {@code str.isprintable}, but by the Unicode version of the running Java. */
    private static boolean isPrintable(int c) {
        if (c >= ' ' && c < 0x7F) {
            return true;
        }
        return switch (Character.getType(c)) {
            case Character.CONTROL, Character.FORMAT, Character.SURROGATE, Character.PRIVATE_USE, Character.UNASSIGNED,
                Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR, Character.SPACE_SEPARATOR -> false;
            default -> true;
        };
    }

    /** The shortest decimal number that reads back as {@code value}: {@code 0.1}, {@code 1e+16}, {@code 1e-05}, {@code nan}. */
    public static String real(double value) {
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            return Double.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
        }
        if (value == 0) {
            return 1 / value < 0 ? "-0.0" : "0.0";
        }
        BigDecimal exact = new BigDecimal(Math.abs(value));
        BigDecimal shortest = exact;
        for (int digits = 1; digits <= MOST_DIGITS; digits++) {
            shortest = exact.round(new MathContext(digits, RoundingMode.HALF_EVEN));
            if (shortest.doubleValue() == Math.abs(value)) {
                break;
            }
        }
        String digits = shortest.stripTrailingZeros().unscaledValue().toString();
        int exponent = shortest.precision() - shortest.scale() - 1;
        return (value < 0 ? "-" : "") + (exponent < -4 || exponent >= 16 ? scientific(digits, exponent) : positional(digits, exponent));
    }

    private static String scientific(String digits, int exponent) {
        String rest = digits.length() == 1 ? "" : "." + digits.substring(1);
        return "%s%se%s%02d".formatted(digits.charAt(0), rest, exponent < 0 ? "-" : "+", Math.abs(exponent));
    }

    private static String positional(String digits, int exponent) {
        if (exponent < 0) {
            return "0." + "0".repeat(-exponent - 1) + digits;
        }
        String padded = digits + "0".repeat(Math.max(0, exponent + 2 - digits.length()));
        return padded.substring(0, exponent + 1) + "." + padded.substring(exponent + 1);
    }
}
