package inkling.inspect.metrics;

import java.nio.charset.StandardCharsets;

/**
 * Reads decimal numbers from bytes much faster than {@link Double#parseDouble}, since a file of metrics may have a million rows. The result
 * is the nearest double or one of the two beside it. So its relative error is at most 4e-16.
 */
final class PlainNumber {
    private static final int MOST_DIGITS = 18;   // so many digits fit into a long
    private static final int MOST_TENS = 22;     // 1e22 is the largest power of ten that a double holds exactly
    private static final int NONE = Integer.MAX_VALUE;

    private static final double[] TENS = new double[MOST_TENS + 1];

    static {
        TENS[0] = 1;
        for (int i = 1; i <= MOST_TENS; i++) {
            TENS[i] = TENS[i - 1] * 10;
        }
    }

    private PlainNumber() {}

    /** The number in {@code bytes[from … to)}; infinite for {@code NaN} and {@code Infinity}, NaN if the bytes are no number. */
    static double parse(byte[] bytes, int from, int to) {
        int at = from < to && bytes[from] == '-' ? from + 1 : from;
        boolean negative = at > from;
        long digits = 0;
        int count = 0;
        int point = -1;
        for (; at < to; at++) {
            int c = bytes[at];
            if (c >= '0' && c <= '9') {
                if (count == MOST_DIGITS) {
                    return slowly(bytes, from, to);
                }
                digits = digits * 10 + c - '0';
                count += digits == 0 ? 0 : 1;
            } else if (c == '.' && point < 0 && at > from && bytes[at - 1] != '-') {
                point = at;
            } else {
                break;
            }
        }
        int tens = point < 0 ? 0 : point + 1 - at;
        if (at == from || bytes[at - 1] == '-') {
            return slowly(bytes, from, to);
        }
        if (at < to) {
            int exponent = exponent(bytes, at, to);
            if (exponent == NONE) {
                return slowly(bytes, from, to);
            }
            tens += exponent;
        }
        if (Math.abs(tens) > MOST_TENS) {
            return slowly(bytes, from, to);
        }
        double value = tens < 0 ? digits / TENS[-tens] : digits * TENS[tens];
        return negative ? -value : value;
    }

    /** The exponent at the end of a number, e.g. {@code E4} or {@code E-12}; NONE if it has more than two digits or another form. */
    private static int exponent(byte[] bytes, int from, int to) {
        int at = from + 1;
        boolean negative = at < to && bytes[at] == '-';
        at += negative ? 1 : 0;
        int exponent = 0;
        if (bytes[from] != 'E' || at >= to || to - at > 2) {
            return NONE;
        }
        for (; at < to; at++) {
            if (bytes[at] < '0' || bytes[at] > '9') {
                return NONE;
            }
            exponent = exponent * 10 + bytes[at] - '0';
        }
        return negative ? -exponent : exponent;
    }

    /** As {@link #parse}, for numbers in any form. */
    private static double slowly(byte[] bytes, int from, int to) {
        String text = new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
        if (text.matches("-?(NaN|Infinity)")) {
            return Double.POSITIVE_INFINITY;
        }
        return text.matches("-?[0-9]+(\\.[0-9]*)?([eE][-+]?[0-9]{1,4})?") ? Double.parseDouble(text) : Double.NaN;
    }
}
