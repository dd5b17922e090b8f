package inkling.tokenizer.bpe;

import java.util.Arrays;
import java.util.Optional;

/**
 * GPT-2's way to write any bytes as printable characters. Printable Latin-1 bytes, except blanks, stand for themselves. The other 68 bytes
 * become U+0100 … U+0143 in order: a blank is {@code Ġ}, a newline {@code Ċ}.
 * Source: {@code bytes_to_unicode} of OpenAI's GPT-2 encoder (Radford et al. 2019).
 */
public final class ByteAlphabet {
    private static final char[] CHARACTER = new char[256];
    private static final short[] BYTE = new short[0x144];

    static {
        Arrays.fill(BYTE, (short) -1);
        int shifted = 0x100;
        for (int b = 0; b < 256; b++) {
            boolean printable = b >= '!' && b <= '~' || b >= 0xA1 && b <= 0xFF && b != 0xAD;
            CHARACTER[b] = (char) (printable ? b : shifted++);
            BYTE[CHARACTER[b]] = (short) b;
        }
    }

    private ByteAlphabet() {}

    /** The character of an unsigned byte, 0 … 255. */
    public static char character(int unsignedByte) {
        return CHARACTER[unsignedByte];
    }

    /** Bytes to characters: {@code " the"} in UTF-8 becomes {@code "Ġthe"}. */
    static String write(byte[] bytes) {
        char[] characters = new char[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            characters[i] = CHARACTER[bytes[i] & 0xFF];
        }
        return new String(characters);
    }

    /** Characters to bytes: {@code "Ġthe"} becomes the bytes of {@code " the"}. Empty if a character is not in the alphabet. */
    static Optional<byte[]> read(String token) {
        byte[] bytes = new byte[token.length()];
        for (int i = 0; i < bytes.length; i++) {
            char c = token.charAt(i);
            if (c >= BYTE.length || BYTE[c] < 0) {
                return Optional.empty();
            }
            bytes[i] = (byte) BYTE[c];
        }
        return Optional.of(bytes);
    }

    /** All 256 bytes in the order of their characters, which is the order of GPT-2's first 256 ids. */
    public static int[] bytesInOrder() {
        return java.util.stream.IntStream.range(0, BYTE.length).filter(c -> BYTE[c] >= 0).map(c -> BYTE[c]).toArray();
    }
}
