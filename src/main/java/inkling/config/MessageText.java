package inkling.config;

import inkling.config.Node.Mapping;
import inkling.config.Node.Scalar;
import inkling.errors.Printable;

/** How messages show what a user wrote. */
final class MessageText {
    private static final int MOST_CHARACTERS = 60; // of a longer text, half as many are shown

    private MessageText() {}

    /** {@code node} as a message shows it: shortened, and in quotes unless it is a plain scalar ({@link Scalar#plain}). */
    static String of(Node node) {
        if (node instanceof Scalar scalar) {
            String text = scalar.text();
            String shown = text.length() <= MOST_CHARACTERS ? text
                : text.substring(0, text.offsetByCodePoints(0, MOST_CHARACTERS / 2)) + "…";
            return scalar.plain() ? shown : '"' + shown + '"';
        }
        return node instanceof Mapping ? "{…}" : "[…]";
    }

    /** One line without control characters, which could rewrite what a terminal shows. */
    static String clean(String message) {
        return Printable.text(message).replace("\n", "\\n").replace("\t", "\\t");
    }
}
