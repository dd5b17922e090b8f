package inkling.io.text;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/** Strict decoding of UTF-8: a bad byte is an error. The JDK's shortcuts ({@code new String}) silently replace it. */
public final class Utf8 {
    private Utf8() {}

    /** Thrown at a byte that is not valid where it stands. {@code offset} is the byte's index, from 0. */
    public static final class MalformedException extends Exception {
        public final long offset;

        MalformedException(long offset) {
            super("byte " + offset + " is not UTF-8", null, false, false);
            this.offset = offset;
        }
    }

    /** A decoder that reports bad bytes instead of replacing them. */
    public static CharsetDecoder decoder() {
        return StandardCharsets.UTF_8.newDecoder().onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
    }

    /** @throws MalformedException at the first byte that is not valid UTF-8 */
    public static String decode(byte[] bytes) throws MalformedException {
        String text = new String(bytes, StandardCharsets.UTF_8);        // U+FFFD: a bad byte, or that character itself
        return text.indexOf('\uFFFD') < 0 ? text : decodeStrictly(bytes);
    }

    private static String decodeStrictly(byte[] bytes) throws MalformedException {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer out = CharBuffer.allocate(bytes.length);   // never more UTF-16 units than UTF-8 bytes
        CharsetDecoder decoder = decoder();
        CoderResult result = decoder.decode(in, out, true);
        if (result.isError()) {
            throw new MalformedException(in.position());
        }
        decoder.flush(out);
        return out.flip().toString();
    }
}
