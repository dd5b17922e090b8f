package inkling.tokenizer;

import java.util.Optional;
import java.util.OptionalInt;

/** {@code inner}, with another token taken for the end of a text: of a chat model's answer, say. */
public record EndingTokenizer(Tokenizer inner, OptionalInt endOfText) implements Tokenizer {
    @Override
    public int[] encode(String text) {
        return inner.encode(text);
    }

    @Override
    public int[] encodePlain(String text) {
        return inner.encodePlain(text);
    }

    @Override
    public String decode(int[] ids) {
        return inner.decode(ids);
    }

    @Override
    public byte[] bytes(int id) {
        return inner.bytes(id);
    }

    @Override
    public String token(int id) {
        return inner.token(id);
    }

    @Override
    public Optional<String> unicode() {
        return inner.unicode();
    }

    @Override
    public int vocabSize() {
        return inner.vocabSize();
    }
}
