package inkling.io.text;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** The kind of a file, as its first bytes show it: text in some encoding, or binary data. */
sealed interface TextKind {
    /** How many bytes at the beginning of a file are inspected. */
    int HEAD_BYTES = 8192;

    /** @param marked whether the file begins with the encoding's byte order mark */
    record Text(TextEncoding encoding, boolean marked) implements TextKind {}

    /** @param what the kind of binary data, for messages: "a PNG image" */
    record Binary(String what) implements TextKind {}

    /**
     * The kind of a file that begins with {@code head}. The first rule that applies decides:
     * <ol>
     * <li>A byte order mark names the encoding.
     * <li>Some binary formats may consist of characters alone, e.g. PDF. The first bytes of such a format mean binary.
     * <li>Valid UTF-8 counts as UTF-8 if at most a tenth of its characters, rounded up, are {@link TrialDecoding#controls}, such as NUL.
     * <li>Invalid UTF-8 still counts as UTF-8 if it has no NUL and at most a tenth of its bytes are control characters. The code that reads
     *     the file can then name the first wrong byte.
     * <li>Bytes with NUL that look like text in UTF-16 or UTF-32 count as that encoding: in both, Latin letters and spaces contain NULs.
     * <li>Everything else is binary.
     * </ol>
     */
    static TextKind of(byte[] head) {
        Optional<TextEncoding> marked = TextEncoding.marked(head);
        if (marked.isPresent()) {
            return new Text(marked.get(), true);
        }
        Optional<String> inLetters = BinaryName.inLetters(head);
        if (inLetters.isPresent()) {
            return new Binary(inLetters.get());
        }
        TrialDecoding utf8 = TrialDecoding.of(head, TextEncoding.UTF_8);
        boolean nul = contains(head, (byte) 0);
        // + 9 rounds up, so that even the shortest file may have one control character
        if (utf8.wellFormed ? utf8.controls * 10 <= utf8.characters + 9 : !nul && controls(head) * 10 <= head.length) {
            return new Text(TextEncoding.UTF_8, false);
        }
        Optional<TrialDecoding> wide = !nul ? Optional.empty() : List.of(TextEncoding.UTF_32LE, TextEncoding.UTF_32BE,
            TextEncoding.UTF_16LE, TextEncoding.UTF_16BE).stream().map(encoding -> TrialDecoding.of(head, encoding))
            .filter(TrialDecoding::isText).max(Comparator.comparingLong(TrialDecoding::breaks).thenComparingLong(TrialDecoding::latin));
        return wide.isPresent() ? new Text(wide.get().encoding, false) : new Binary(BinaryName.of(head));
    }

    /**
     * A file's first bytes decoded in one encoding, and counts of the characters that result.
     *
     * @param controls control characters that do not belong in text, and code points that are never characters
     * @param breaks spaces and line ends. In the wrong byte order there are hardly any, so the order with more of them is the right one
     * @param latin characters below U+0100 (Latin letters, digits, spaces, punctuation) that are not counted as controls
     */
    record TrialDecoding(TextEncoding encoding, boolean wellFormed, long characters, long controls, long breaks, long latin) {
        static TrialDecoding of(byte[] head, TextEncoding encoding) {
            CharBuffer decoded = CharBuffer.allocate(head.length + 1);
            boolean mayEndInside = true;   // the head may be cut off inside a character
            boolean wellFormed = !encoding.decoder().decode(ByteBuffer.wrap(head), decoded, !mayEndInside).isError();
            int[] characters = decoded.flip().codePoints().toArray();
            long controls = 0;
            long breaks = 0;
            long latin = 0;
            for (int c : characters) {
                controls += isControl(c) ? 1 : 0;
                breaks += c == ' ' || c == '\n' || c == '\r' ? 1 : 0;
                latin += c < 0x100 && !isControl(c) ? 1 : 0;
            }
            return new TrialDecoding(encoding, wellFormed, characters.length, controls, breaks, latin);
        }

        /**
         * Whether this looks like text. It must be well-formed and have at least 2 characters, and at most 2 % of them may be controls. It
         * must also have a space or line end, or at least 40 % must be {@code latin}. The rules are for UTF-16 and UTF-32, in which binary
         * data may be well-formed, too.
         */
        boolean isText() {
            return wellFormed && characters > 1 && controls * 50 <= characters && (breaks > 0 || latin * 5 >= characters * 2);
        }
    }

    /**
     * Whether {@code c} is a control character that does not belong in text, a surrogate, a noncharacter, or in one of planes 4 to 13.
     * Unicode 16 does not use these planes.
     */
    private static boolean isControl(int c) {
        boolean control = c < ' ' && c != '\n' && c != '\r' && c != '\t' && c != '\f' || c >= 0x7F && c < 0xA0;
        boolean never = c >= 0xD800 && c <= 0xDFFF || c >= 0xFDD0 && c <= 0xFDEF || (c & 0xFFFE) == 0xFFFE || c >= 0x40000 && c < 0xE0000;
        return control || never;
    }

    private static boolean contains(byte[] head, byte wanted) {
        for (byte b : head) {
            if (b == wanted) {
                return true;
            }
        }
        return false;
    }

    private static long controls(byte[] head) {
        long count = 0;
        for (byte b : head) {
            count += b >= 0 && isControl(b) ? 1 : 0;
        }
        return count;
    }
}
