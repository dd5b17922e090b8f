package inkling.config;

import inkling.config.Node.Mapping;
import inkling.config.Node.Scalar;
import inkling.config.Node.Sequence;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Writes a tree as YAML text. A list and all that is in it are on one line. A mapping that is in no list is a block of lines, unless it is
 * empty. Scalars that are not plain get quotes.
 */
public final class YamlWriter {
    private YamlWriter() {}

    public static String write(Mapping root) {
        StringBuilder out = new StringBuilder();
        block(root, "", out);
        return out.toString();
    }

    private static void block(Mapping mapping, String indent, StringBuilder out) {
        mapping.entries().forEach((key, entry) -> {
            out.append(indent).append(key).append(':');
            if (entry.value() instanceof Mapping inner && !inner.entries().isEmpty()) {
                out.append('\n');
                block(inner, indent + "  ", out);
            } else {
                out.append(' ').append(flow(entry.value())).append('\n');
            }
        });
    }

    /** {@code node} on one line. */
    public static String flow(Node node) {
        if (node instanceof Scalar scalar) {
            return scalar.plain() ? scalar.text() : quoted(scalar.text());
        } else if (node instanceof Sequence sequence) {
            return sequence.items().stream().map(YamlWriter::flow).collect(Collectors.joining(", ", "[", "]"));
        }
        return ((Mapping) node).entries().entrySet().stream().map(e -> e.getKey() + ": " + flow(e.getValue().value()))
            .collect(Collectors.joining(", ", "{", "}"));
    }

    private static String quoted(String text) {
        StringBuilder out = new StringBuilder("\"");
        text.codePoints().forEach(c -> {
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\t' -> out.append("\\t");
                default -> {
                    if (c < 0x20 || c == 0x7f || c >= 0x80 && c < 0xa0 || c == 0x2028 || c == 0x2029 || c == 0xfeff
                        || c >= 0xfff0 && c <= 0xffff || c >= 0xd800 && c <= 0xdfff) {
                        out.append(String.format(Locale.ROOT, "\\u%04x", c));
                    } else {
                        out.appendCodePoint(c);
                    }
                }
            }
        });
        return out.append('"').toString();
    }
}
