package inkling.tokenizer.bpe;

import inkling.tokenizer.Tokenizer;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/** A tokenizer for tests: one id for each byte, 256 for {@code <|endoftext|>}, then whole strings. Its ids can cut a character in two. */
public class ByteTokenizer implements Tokenizer {
    public static final int END_OF_TEXT = 256;
    private static final String MARK = "<|endoftext|>";
    private final String[] words;

    public ByteTokenizer(String... words) {
        this.words = words;
    }

    @Override
    public int[] encode(String text) {
        IntStream.Builder ids = IntStream.builder();
        int from = 0;
        for (int at = text.indexOf(MARK); at >= 0; at = text.indexOf(MARK, from)) {
            IntStream.of(encodePlain(text.substring(from, at))).forEach(ids);
            ids.add(END_OF_TEXT);
            from = at + MARK.length();
        }
        IntStream.of(encodePlain(text.substring(from))).forEach(ids);
        return ids.build().toArray();
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
            bytes.writeBytes(id == END_OF_TEXT ? MARK.getBytes(StandardCharsets.UTF_8) : bytes(id));
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Override
    public byte[] bytes(int id) {
        return id == END_OF_TEXT ? new byte[0] : id < END_OF_TEXT ? new byte[] {(byte) id}
            : words[id - END_OF_TEXT - 1].getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public String token(int id) {
        return id == END_OF_TEXT ? MARK : id < END_OF_TEXT ? "<%02x>".formatted(id) : words[id - END_OF_TEXT - 1];
    }

    @Override
    public int vocabSize() {
        return END_OF_TEXT + 1 + words.length;
    }

    @Override
    public OptionalInt endOfText() {
        return OptionalInt.of(END_OF_TEXT);
    }

    /** A text may be cut before a blank, because a blank begins a token of its own and the special token has none in it. */
    @Override
    public int safeCut(String text) {
        return Math.max(0, text.lastIndexOf(' '));
    }

    /** As in a char tokenizer, {@link #endOfText} is empty, so nothing stands between documents. */
    public static final class WithoutEndOfText extends ByteTokenizer {
        @Override
        public OptionalInt endOfText() {
            return OptionalInt.empty();
        }
    }
}
