package inkling.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Bytes and text as a terminal or a table can show them: nothing invisible, nothing that moves a cursor. */
final class Readable {
    private Readable() {}

    /**
     * UTF-8 as text; {@code \n \r \t \\} and {@code \ u{200B}} (without the blank) for characters that cannot be seen, {@code \xE2} for a byte
     * that is no whole character. Blanks stay blanks.
     */
    static String bytes(byte[] utf8) {
        StringBuilder out = new StringBuilder();
        for (int at = 0; at < utf8.length;) {
            int length = wholeCharacter(utf8, at);
            if (length == 0) {
                out.append(String.format(Locale.ROOT, "\\x%02X", utf8[at] & 0xFF));
                at++;
            } else {
                append(out, Gpt2Split.codePoint(utf8, at));
                at += length;
            }
        }
        return out.toString();
    }

    static String text(String text) {
        StringBuilder out = new StringBuilder();
        text.codePoints().forEach(c -> append(out, c));
        return out.toString();
    }

    /** Bytes of the well-formed sequence at {@code at}, or 0. */
    private static int wholeCharacter(byte[] utf8, int at) {
        int length = Gpt2Split.length(utf8[at]);
        if (at + length > utf8.length) {
            return 0;
        }
        String decoded = new String(utf8, at, length, StandardCharsets.UTF_8);
        byte[] again = decoded.getBytes(StandardCharsets.UTF_8);
        return java.util.Arrays.equals(again, 0, again.length, utf8, at, at + length) ? length : 0;
    }

    private static void append(StringBuilder out, int codePoint) {
        switch (codePoint) {
            case '\n' -> out.append("\\n");
            case '\r' -> out.append("\\r");
            case '\t' -> out.append("\\t");
            case '\\' -> out.append("\\\\");
            default -> {
                if (codePoint == ' ' || visible(codePoint)) {
                    out.appendCodePoint(codePoint);
                } else {
                    out.append(String.format(Locale.ROOT, "\\u{%X}", codePoint));
                }
            }
        }
    }

    private static boolean visible(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL, Character.FORMAT, Character.SURROGATE, Character.PRIVATE_USE, Character.UNASSIGNED,
                Character.SPACE_SEPARATOR, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }
}
