package inkling.data.chat;

import inkling.tokenizer.bpe.ByteTokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/** A tokenizer of bytes and a few special tokens with ids from 256 up. Decoded text shows each special token by its name. */
final class ChatTokenizer extends ByteTokenizer {
    private final List<String> special;

    ChatTokenizer(String... special) {
        this.special = List.of(special);
    }

    @Override
    public int[] encode(String text) {
        return special.contains(text) ? new int[] {256 + special.indexOf(text)} : encodePlain(text);
    }

    @Override
    public String token(int id) {
        return id < 256 ? super.token(id) : special.get(id - 256);
    }

    @Override
    public OptionalInt id(String token) {
        return special.contains(token) ? OptionalInt.of(256 + special.indexOf(token)) : OptionalInt.empty();
    }

    @Override
    public String decode(int[] ids) {
        List<String> parts = new ArrayList<>();
        for (int id : ids) {
            parts.add(id < 256 ? super.decode(new int[] {id}) : "{" + special.get(id - 256) + "}");   // braces: not typed, a token
        }
        return String.join("", parts);
    }

    @Override
    public byte[] bytes(int id) {
        return id < 256 ? super.bytes(id) : new byte[0];
    }

    @Override
    public int vocabSize() {
        return 256 + special.size();
    }

    @Override
    public OptionalInt endOfText() {
        return id("<|endoftext|>");
    }
}
