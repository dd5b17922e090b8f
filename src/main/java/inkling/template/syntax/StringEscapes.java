package inkling.template.syntax;

import inkling.template.value.Fault;

/** Resolves the escapes of a string in a template. They are those of Python, but {@code \N} and a few others are refused. */
final class StringEscapes {
    private StringEscapes() {}

    static String unescape(String written) {
        if (written.indexOf('\\') < 0) {
            return written;
        }
        StringBuilder out = new StringBuilder();
        for (int at = 0; at < written.length(); at++) {
            char c = written.charAt(at);
            if (c != '\\') {
                out.append(c);
                continue;
            }
            char letter = written.charAt(++at);   // there is a next character: the lexer ends no string after a backslash
            switch (letter) {
                case '\n' -> { }
                case '\\', '\'', '"' -> out.append(letter);
                case 'a' -> out.append('\u0007');
                case 'b' -> out.append('\b');
                case 'f' -> out.append('\f');
                case 'n' -> out.append('\n');
                case 'r' -> out.append('\r');
                case 't' -> out.append('\t');
                case 'v' -> out.append('\u000B');
                case 'x' -> at = number(written, at, 2, out);
                case 'u' -> at = number(written, at, 4, out);
                case 'U' -> at = number(written, at, 8, out);
                case '0', '1', '2', '3', '4', '5', '6', '7' -> at = octal(written, at, out);
                default -> {
                    if (letter == 'N' || letter >= 0x80) {
                        throw Fault.unsupported("the escape \\" + letter);
                    }
                    out.append(c).append(letter);
                }
            }
        }
        return out.toString();
    }

    private static int number(String written, int at, int digits, StringBuilder out) {
        int end = at + 1 + digits;
        String hex = end <= written.length() ? written.substring(at + 1, end) : "";
        if (!hex.matches("[0-9a-fA-F]+") || Long.parseLong(hex, 16) > Character.MAX_CODE_POINT) {
            throw Fault.failed("\\%s is not followed by the %d hex digits of a character.".formatted(written.charAt(at), digits));
        }
        int character = Integer.parseInt(hex, 16);
        if (character >= Character.MIN_SURROGATE && character <= Character.MAX_SURROGATE) {
            throw Fault.unsupported("the escape of half a surrogate pair");
        }
        out.appendCodePoint(character);
        return end - 1;
    }

    private static int octal(String written, int at, StringBuilder out) {
        int end = at;
        int value = 0;
        while (end < written.length() && end < at + 3 && written.charAt(end) >= '0' && written.charAt(end) <= '7') {
            value = value * 8 + written.charAt(end++) - '0';
        }
        out.append((char) value);
        return end - 1;
    }
}
