package inkling.io.text;

import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.util.Arrays;
import java.util.Optional;

/** The encodings of text files that are recognised. */
enum TextEncoding {
    UTF_8("UTF-8", new byte[] {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF}),
    UTF_32LE("UTF-32LE", new byte[] {(byte) 0xFF, (byte) 0xFE, 0, 0}),   // stands before UTF-16LE: FF FE begins both marks
    UTF_32BE("UTF-32BE", new byte[] {0, 0, (byte) 0xFE, (byte) 0xFF}),
    UTF_16LE("UTF-16LE", new byte[] {(byte) 0xFF, (byte) 0xFE}),
    UTF_16BE("UTF-16BE", new byte[] {(byte) 0xFE, (byte) 0xFF});

    private final String word;
    private final byte[] mark;

    TextEncoding(String word, byte[] mark) {
        this.word = word;
        this.mark = mark;
    }

    /** As {@code iconv} spells it. */
    String word() {
        return word;
    }

    /** A strict decoder: bytes that are not valid are errors. A byte order mark becomes the character U+FEFF. */
    CharsetDecoder decoder() {
        return Charset.forName(word).newDecoder().onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    }

    /** The encoding with whose byte order mark {@code head} begins; empty if it begins with none. */
    static Optional<TextEncoding> marked(byte[] head) {
        return Arrays.stream(values()).filter(e -> head.length >= e.mark.length
            && Arrays.equals(head, 0, e.mark.length, e.mark, 0, e.mark.length)).findFirst();
    }
}
