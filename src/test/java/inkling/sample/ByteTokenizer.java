package inkling.sample;

import inkling.tokenizer.Tokenizer;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;

/** One id for each byte, 256 for {@code <|endoftext|>}, then whole strings, for tests: "abc" and the ids that cut characters in two. */
final class ByteTokenizer implements Tokenizer {
    static final int EOT = 256;
    private static final String EOT_TEXT = "<|endoftext|>";
    private final String[] words;

    ByteTokenizer(String... words) {
        this.words = words;
    }

    @Override
    public int[] encode(String text) {
        int at = text.indexOf(EOT_TEXT);
        if (at < 0) {
            return encodePlain(text);
        }
        int[] before = encodePlain(text.substring(0, at));
        int[] after = encode(text.substring(at + EOT_TEXT.length()));
        int[] all = new int[before.length + 1 + after.length];
        System.arraycopy(before, 0, all, 0, before.length);
        all[before.length] = EOT;
        System.arraycopy(after, 0, all, before.length + 1, after.length);
        return all;
    }

    @Override
    public int[] encodePlain(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int[] ids = new int[bytes.length];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = bytes[i] & 0xFF;
        }
        return ids;
    }

    @Override
    public String decode(int[] ids) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int id : ids) {
            bytes.writeBytes(id == EOT ? EOT_TEXT.getBytes(StandardCharsets.UTF_8) : bytes(id));
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Override
    public byte[] bytes(int id) {
        return id == EOT ? new byte[0] : id < EOT ? new byte[] {(byte) id} : words[id - EOT - 1].getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public String token(int id) {
        return id == EOT ? EOT_TEXT : id < EOT ? "<%02x>".formatted(id) : words[id - EOT - 1];
    }

    @Override
    public int vocabSize() {
        return EOT + 1 + words.length;
    }

    @Override
    public OptionalInt endOfText() {
        return OptionalInt.of(EOT);
    }
}
