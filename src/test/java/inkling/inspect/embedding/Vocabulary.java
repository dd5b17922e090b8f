package inkling.inspect.embedding;

import inkling.tokenizer.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/** A tokenizer of given strings, and behind them made-up words, for tests. A text that is not one of the strings is encoded as no ids. */
public record Vocabulary(List<String> strings, int vocabSize) implements Tokenizer {
    public static Vocabulary of(String... strings) {
        return new Vocabulary(List.of(strings), strings.length);
    }

    @Override
    public int[] encode(String text) {
        return IntStream.range(0, strings.size()).filter(id -> strings.get(id).equals(text)).limit(1).toArray();
    }

    @Override
    public int[] encodePlain(String text) {
        return encode(text);
    }

    @Override
    public String decode(int[] ids) {
        StringBuilder text = new StringBuilder();
        for (int id : ids) {
            text.append(token(id));
        }
        return text.toString();
    }

    @Override
    public byte[] bytes(int id) {
        return token(id).getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public String token(int id) {
        return id < strings.size() ? strings.get(id) : " w" + Integer.toString(id, 36);
    }

    @Override
    public OptionalInt endOfText() {
        return OptionalInt.empty();
    }
}
