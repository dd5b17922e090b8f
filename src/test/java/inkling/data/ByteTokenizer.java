package inkling.data;

import inkling.tokenizer.Tokenizer;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;

/** One id a byte and 256 for end of text: the smallest tokenizer that can tell text, bytes and documents apart. */
class ByteTokenizer implements Tokenizer {
    static final int END_OF_TEXT = 256;
    private static final String MARK = "<|endoftext|>";

    @Override
    public int[] encode(String text) {
        java.util.stream.IntStream.Builder ids = java.util.stream.IntStream.builder();
        int from = 0;
        for (int at = text.indexOf(MARK); at >= 0; at = text.indexOf(MARK, from)) {
            for (int id : encodePlain(text.substring(from, at))) {
                ids.add(id);
            }
            ids.add(END_OF_TEXT);
            from = at + MARK.length();
        }
        for (int id : encodePlain(text.substring(from))) {
            ids.add(id);
        }
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
            if (id == END_OF_TEXT) {
                bytes.writeBytes(MARK.getBytes(StandardCharsets.UTF_8));
            } else {
                bytes.write(id);
            }
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Override
    public byte[] bytes(int id) {
        return id == END_OF_TEXT ? new byte[0] : new byte[] {(byte) id};
    }

    @Override
    public String token(int id) {
        return id == END_OF_TEXT ? MARK : String.valueOf((char) id);
    }

    @Override
    public int vocabSize() {
        return 257;
    }

    @Override
    public OptionalInt endOfText() {
        return OptionalInt.of(END_OF_TEXT);
    }

    @Override
    public int safeCut(String text) {
        return Chunker.betweenWords(text);
    }

    /** As a char tokenizer is: nothing stands between documents. */
    static final class WithoutEndOfText extends ByteTokenizer {
        @Override
        public OptionalInt endOfText() {
            return OptionalInt.empty();
        }
    }
}
