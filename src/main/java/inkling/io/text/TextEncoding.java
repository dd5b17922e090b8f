package inkling.io.text;

import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.util.Arrays;
import java.util.Optional;

/** The encodings that are recognised in text files. */
enum TextEncoding {
    UTF_8("UTF-8", new byte[] {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF}),
    UTF_32LE("UTF-32LE", new byte[] {(byte) 0xFF, (byte) 0xFE, 0, 0}),   // before UTF_16LE, because both marks begin with FF FE
    UTF_32BE("UTF-32BE", new byte[] {0, 0, (byte) 0xFE, (byte) 0xFF}),
    UTF_16LE("UTF-16LE", new byte[] {(byte) 0xFF, (byte) 0xFE}),
    UTF_16BE("UTF-16BE", new byte[] {(byte) 0xFE, (byte) 0xFF});

    private final String word;
    private final byte[] mark;

    TextEncoding(String word, byte[] mark) {
        this.word = word;
        this.mark = mark;
    }

    /** The encoding's name, as {@code iconv} spells it. */
    String word() {
        return word;
    }

    /** A strict decoder: bytes that are not valid are errors. A byte order mark becomes U+FEFF, but that of UTF-32 is dropped. */
    CharsetDecoder decoder() {
        return Charset.forName(word).newDecoder().onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    }

    /** The encoding that has the byte order mark at the beginning of {@code head}; empty if there is no mark. */
    static Optional<TextEncoding> marked(byte[] head) {
        return Arrays.stream(values()).filter(e -> head.length >= e.mark.length
            && Arrays.equals(head, 0, e.mark.length, e.mark, 0, e.mark.length)).findFirst();
    }
}
