package inkling.template.value;

import inkling.template.value.Values.Dict;
import inkling.template.value.Values.Items;
import inkling.template.value.Values.None;
import inkling.template.value.Values.Safe;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Writes values as Python's {@code json.dumps} does, for the filter {@code tojson}. */
public final class PythonJson {
    /**
     * The layout of the JSON.
     *
     * @param ascii whether all characters but printable ASCII are escaped
     * @param indent the indentation of one level, with each value on a line of its own; empty if all is on one line
     * @param between the separator of items
     * @param colon the separator of key and value
     * @param sorted whether keys are sorted
     */
    public record Style(boolean ascii, Optional<Text> indent, Text between, Text colon, boolean sorted) {}

    private final Style style;
    private final Budget budget;
    private final TextBuilder out = new TextBuilder();

    private PythonJson(Style style, Budget budget) {
        this.style = style;
        this.budget = budget;
    }

    /**
     * {@code value} as JSON.
     *
     * @throws Fault if a value in it has no form in JSON, e.g. Undefined, or if keys to be sorted have no order
     */
    public static Text write(Object value, Style style, Budget budget) {
        PythonJson json = new PythonJson(style, budget);
        json.value(value, 0);
        return json.out.build();
    }

    private void add(Text text) {
        budget.characters(text.length() + text.runs());
        out.add(text);
    }

    /** Adds characters that count as the template's own. */
    private void ofTemplate(String text) {
        add(Text.template(text));
    }

    private void value(Object value, int level) {
        budget.enter();
        if (value instanceof Text text) {
            string(text);
        } else if (value instanceof Safe safe) {
            string(safe.text());
        } else if (value instanceof Dict dict) {
            dict(dict, level);
        } else if (value instanceof Items items) {
            list(items.list(), level);
        } else {
            ofTemplate(scalar(value));
        }
        budget.leave();
    }

    private static String scalar(Object value) {
        if (value instanceof Double number) {
            return Double.isNaN(number) ? "NaN" : Double.isInfinite(number) ? number > 0 ? "Infinity" : "-Infinity" : Printing.real(number);
        }
        if (value instanceof Boolean || value instanceof Long) {
            return value.toString();
        }
        if (value == None.NONE) {
            return "null";
        }
        throw Fault.failed("a %s cannot be written as JSON.".formatted(Python.type(value)));
    }

    private void dict(Dict dict, int level) {
        List<Map.Entry<Object, Object>> entries = new ArrayList<>(dict.entries().entrySet());
        if (style.sorted) {
            entries.sort((a, b) -> Python.compare(a.getKey(), b.getKey(), budget));
        }
        ofTemplate("{");
        for (int i = 0; i < entries.size(); i++) {
            separate(i, level + 1);
            Object key = entries.get(i).getKey();
            string(key instanceof Text text ? text : Text.template(scalar(key)));
            add(style.colon);
            value(entries.get(i).getValue(), level + 1);
        }
        end(entries.size(), level);
        ofTemplate("}");
    }

    private void list(List<Object> list, int level) {
        ofTemplate("[");
        for (int i = 0; i < list.size(); i++) {
            separate(i, level + 1);
            value(list.get(i), level + 1);
        }
        end(list.size(), level);
        ofTemplate("]");
    }

    private void separate(int before, int level) {
        if (before > 0) {
            add(style.between);
        }
        newLine(level);
    }

    private void end(int size, int level) {
        if (size > 0) {
            newLine(level);
        }
    }

    private void newLine(int level) {
        style.indent.ifPresent(indent -> {
            ofTemplate("\n");
            for (int i = 0; i < level; i++) {
                add(indent);
            }
        });
    }

    private void string(Text text) {
        String characters = text.toString();
        ofTemplate("\"");
        int done = 0;
        for (int at = 0; at < characters.length(); at++) {
            String escape = escape(characters.charAt(at));
            if (!escape.isEmpty()) {
                add(text.sub(done, at));
                add(Text.of(escape, text.sub(at, at + 1).origin(0)));
                done = at + 1;
            }
        }
        add(text.sub(done, text.length()));
        ofTemplate("\"");
    }

    private String escape(char c) {
        return switch (c) {
            case '"' -> "\\\"";
            case '\\' -> "\\\\";
            case '\n' -> "\\n";
            case '\r' -> "\\r";
            case '\t' -> "\\t";
            case '\f' -> "\\f";
            case '\b' -> "\\b";
            default -> c < ' ' || style.ascii && c > '~' ? "\\u%04x".formatted((int) c) : "";
        };
    }
}
