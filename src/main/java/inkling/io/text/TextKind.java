package inkling.io.text;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** What a file's first bytes tell of it: text, and in which encoding, or no text at all. */
sealed interface TextKind {
    /** How many bytes are looked at. */
    int HEAD_BYTES = 8192;

    /** @param marked whether a byte order mark says so */
    record Text(TextEncoding encoding, boolean marked) implements TextKind {}

    /** @param what "a PNG image" */
    record Binary(String what) implements TextKind {}

    /**
     * A byte order mark decides. Else it is UTF-8 unless NUL bytes or control characters tell otherwise: then UTF-16 or UTF-32, in which
     * Latin letters and spaces have NUL bytes in the same places again and again, or no text. Bytes that are neither UTF-8 nor have such
     * signs count as UTF-8 here, for a reader to name the first that is wrong.
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
        Look utf8 = Look.at(head, TextEncoding.UTF_8);
        boolean nul = contains(head, (byte) 0);
        if (utf8.wellFormed ? utf8.controls * 10 <= utf8.characters + 9 : !nul && controls(head) * 10 <= head.length) {
            return new Text(TextEncoding.UTF_8, false);
        }
        Optional<Look> wide = !nul ? Optional.empty() : List.of(TextEncoding.UTF_32LE, TextEncoding.UTF_32BE, TextEncoding.UTF_16LE,
            TextEncoding.UTF_16BE).stream().map(encoding -> Look.at(head, encoding)).filter(Look::isText)
            .max(Comparator.comparingLong(Look::breaks).thenComparingLong(Look::latin));
        return wide.isPresent() ? new Text(wide.get().encoding, false) : new Binary(BinaryName.of(head));
    }

    /**
     * The same bytes read in one encoding.
     *
     * @param controls control characters that text does not have, and code points that never stand for a character
     * @param breaks spaces and line ends: in the other byte order these are characters that hardly ever occur
     * @param latin characters below U+0100, without the controls
     */
    record Look(TextEncoding encoding, boolean wellFormed, long characters, long controls, long breaks, long latin) {
        static Look at(byte[] head, TextEncoding encoding) {
            CharBuffer decoded = CharBuffer.allocate(head.length + 1);
            boolean mayEndInside = true;   // of a character, since the head is cut off anywhere
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
            return new Look(encoding, wellFormed, characters.length, controls, breaks, latin);
        }

        /** Of encodings other than UTF-8, which almost anything of the right length could be. */
        boolean isText() {
            return wellFormed && characters > 1 && controls * 50 <= characters && (breaks > 0 || latin * 5 >= characters * 2);
        }
    }

    /** Or a code point that no version of Unicode gives a character, whatever the running Java knows. */
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
