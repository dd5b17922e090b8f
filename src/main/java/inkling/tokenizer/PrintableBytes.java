package inkling.tokenizer;

import inkling.errors.Printable;
import inkling.tokenizer.split.Gpt2Split;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/** The bytes of a token as printable text, for people to read. */
final class PrintableBytes {
    private PrintableBytes() {}

    /**
     * Whole characters appear as {@link Printable#escape} shows them. A byte that is no part of a character appears as its value, for
     * example {@code <0xE2>}.
     */
    static String of(byte[] bytes) {
        StringBuilder out = new StringBuilder();
        for (int at = 0; at < bytes.length;) {
            int end = characterEnd(bytes, at);
            if (end == at) {
                out.append(String.format(Locale.ROOT, "<0x%02X>", bytes[at] & 0xFF));
                at++;
            } else {
                out.append(Printable.escape(new String(bytes, at, end - at, StandardCharsets.UTF_8)));
                at = end;
            }
        }
        return out.toString();
    }

    /** The end of the well-formed UTF-8 sequence at {@code at}; {@code at} itself if there is none. */
    private static int characterEnd(byte[] bytes, int at) {
        int end = at + Gpt2Split.length(bytes[at]);
        if (end > bytes.length) {
            return at;
        }
        byte[] again = new String(bytes, at, end - at, StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_8);
        return Arrays.equals(again, 0, again.length, bytes, at, end) ? end : at;
    }
}
