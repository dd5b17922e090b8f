package inkling.template.builtin;

/** The white space of {@code str.isspace} in Python, and of {@code \s} in Python's patterns. */
public final class WhiteSpace {
    private WhiteSpace() {}

    public static boolean is(int c) {
        return c >= '\t' && c <= '\r' || c >= 0x1C && c <= ' ' || c == 0x85 || c == 0xA0 || c == 0x1680 || c >= 0x2000 && c <= 0x200A
            || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
    }

    /** Whether {@code str.splitlines} ends a line at {@code c}. A CR and the LF after it end only one line. */
    static boolean endsLine(char c) {
        return c >= '\n' && c <= '\r' || c >= 0x1C && c <= 0x1E || c == 0x85 || c == 0x2028 || c == 0x2029;
    }
}
