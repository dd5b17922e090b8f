package inkling.inspect.metrics;

import com.fasterxml.jackson.core.io.NumberInput;

/**
 * Reads decimal numbers from bytes. Jackson's parser is faster than {@link Double#parseDouble}: a file of metrics may have a million rows.
 */
final class PlainNumber {
    private static final int MOST_EXPONENT_DIGITS = 4;

    private PlainNumber() {}

    /**
     * The double nearest to the number in {@code bytes[from … to)}; +∞ for {@code NaN} and {@code Infinity}, with or without a minus sign;
     * NaN if the bytes are no number.
     */
    static double parse(byte[] bytes, int from, int to) {
        char[] text = new char[to - from];
        for (int i = 0; i < text.length; i++) {
            text[i] = (char) (bytes[from + i] & 0xFF);
        }
        if (isNumber(text)) {
            return NumberInput.parseDouble(text, true);
        }
        String word = new String(text);
        return word.matches("-?(NaN|Infinity)") ? Double.POSITIVE_INFINITY : Double.NaN;
    }

    /** Whether {@code text} is {@code -?[0-9]+(\.[0-9]*)?([eE][-+]?[0-9]{1,4})?}. */
    private static boolean isNumber(char[] text) {
        int first = isOneOf(text, 0, '-', '-') ? 1 : 0;
        int at = afterDigits(text, first);
        if (at == first) {
            return false;
        }
        if (isOneOf(text, at, '.', '.')) {
            at = afterDigits(text, at + 1);
        }
        if (isOneOf(text, at, 'e', 'E')) {
            int exponent = isOneOf(text, at + 1, '-', '+') ? at + 2 : at + 1;
            at = afterDigits(text, exponent);
            return at == text.length && at > exponent && at - exponent <= MOST_EXPONENT_DIGITS;
        }
        return at == text.length;
    }

    private static boolean isOneOf(char[] text, int at, char one, char other) {
        return at < text.length && (text[at] == one || text[at] == other);
    }

    private static int afterDigits(char[] text, int from) {
        int at = from;
        while (at < text.length && text[at] >= '0' && text[at] <= '9') {
            at++;
        }
        return at;
    }
}
