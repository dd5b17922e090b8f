package inkling.errors;

import java.util.Locale;

/**
 * Makes text from a model, corpus or prompt safe to show. Control characters could move a terminal's cursor, rename its window or hide what
 * was written, and bidirectional marks could reorder it. Example: {@code escape("a\u001b[2J")} is {@code a\x1b[2J}. Three more methods
 * show spaces at the ends, quote for a shell, and count things.
 */
public final class Printable {
    private Printable() {}

    /** For one line, such as a token in a table: newlines, tabs and backslashes are escaped too. */
    public static String escape(String text) {
        return visible(text, false);
    }

    /** For running text: newlines, tabs and backslashes stay as they are. */
    public static String text(String text) {
        return visible(text, true);
    }

    /** For a token in a table or a picture, where the spaces at its ends would vanish: {@code spaced(" the")} is {@code ␣the}. */
    public static String spaced(String text) {
        int start = text.length() - text.stripLeading().length();
        int end = text.stripTrailing().length();
        return start >= end ? "␣".repeat(text.length())
            : "␣".repeat(start) + text.substring(start, end) + "␣".repeat(text.length() - end);
    }

    /** An argument in the form that a shell reads as one word: {@code a.b=1} as it is, {@code it's} in quotes. */
    public static String shellWord(String argument) {
        return argument.matches("[A-Za-z0-9_.=/+-]+") ? argument : "'" + argument.replace("'", "'\\''") + "'";
    }

    /** {@code counted(1, "token")} is {@code 1 token}, {@code counted(2048, "token")} is {@code 2,048 tokens}. */
    public static String counted(long count, String thing) {
        return String.format(Locale.ROOT, "%,d %s%s", count, thing, count == 1 ? "" : "s");
    }

    private static String visible(String text, boolean running) {
        StringBuilder out = new StringBuilder(text.length() + 8);
        text.codePoints().forEach(c -> {
            if (running && (c == '\n' || c == '\t' || c == '\\')) {
                out.append((char) c);
            } else if (c == '\\') {
                out.append("\\\\");
            } else if (unsafe(c)) {
                out.append(name(c));
            } else {
                out.appendCodePoint(c);
            }
        });
        return out.toString();
    }

    private static String name(int c) {
        return switch (c) {
            case '\n' -> "\\n";
            case '\r' -> "\\r";
            case '\t' -> "\\t";
            default -> c < 0x100 ? "\\x%02x".formatted(c) : "\\u{%x}".formatted(c);
        };
    }

    /** Controls, line separators, most format characters (bidirectional marks among them), lone surrogates and non-characters. */
    private static boolean unsafe(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR, Character.SURROGATE -> true;
            case Character.FORMAT -> c != ZERO_WIDTH_JOINER && c != ZERO_WIDTH_NON_JOINER && c != SOFT_HYPHEN;
            default -> (c & 0xFFFE) == 0xFFFE || c >= 0xFDD0 && c <= 0xFDEF;
        };
    }

    // These change how their neighbours are drawn (emoji, Persian, hyphenation), never where text goes.
    private static final int ZERO_WIDTH_NON_JOINER = 0x200C;
    private static final int ZERO_WIDTH_JOINER = 0x200D;
    private static final int SOFT_HYPHEN = 0xAD;
}
