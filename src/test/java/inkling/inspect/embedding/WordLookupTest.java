package inkling.inspect.embedding;

import static inkling.Says.says;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import inkling.errors.ConfigException;
import inkling.inspect.embedding.EmbeddingSpace.Word;
import inkling.inspect.embedding.WordLookup.SeveralTokens;
import inkling.tokenizer.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class WordLookupTest {
    private static final List<String> VOCABULARY = List.of("k", "i", "n", "g", "Ġ", "king", "Ġking", "Ġqu", "een", "dom", "q", "u");
    private final EmbeddingSpace space = new EmbeddingSpace(VOCABULARY, rows(VOCABULARY.size()));
    private final WordLookup words = WordLookup.tokenized(space, new Longest(VOCABULARY), SeveralTokens.REFUSE);

    private static float[][] rows(int n) {
        float[][] rows = new float[n][2];
        for (int i = 0; i < n; i++) {
            rows[i] = new float[] {i, 1};
        }
        return rows;
    }

    @Test
    void aWordIsReadAsInRunningText() {
        assertEquals("Ġking", words.find("king").reading());
        assertEquals("Ġking", words.find(" king").reading());
        assertEquals("Ġking", words.find("Ġking").reading());
        assertEquals("dom", words.find("dom").reading(), "there is no token with a space, so the bare one");
    }

    @Test
    void aWordOfSeveralTokensIsRefusedOrAveraged() {
        String message = assertThrows(ConfigException.class, () -> words.find("queen")).getMessage();
        says(message, "queen is 2 tokens", "Ġqu een", "--mean");
        Word mean = WordLookup.tokenized(space, new Longest(VOCABULARY), SeveralTokens.MEAN).find("queen");
        assertEquals("Ġqu een", mean.reading());
        assertEquals(7.5f, mean.vector()[0]);
    }

    /** A character vocabulary need not know the space. */
    @Test
    void whereSpacesAreNotPartOfWordsTheWordIsReadAsItIs() {
        List<String> characters = List.of("a", "b");
        WordLookup lookup = WordLookup.tokenized(new EmbeddingSpace(characters, rows(2)), new Longest(characters), SeveralTokens.MEAN);
        assertEquals("b", lookup.find("b").reading());
        assertEquals(List.of(0, 1), lookup.find("ab").rows());
    }

    /** Takes the longest token that fits. A text that holds Ġ is two tokens: a byte-level tokenizer does not read Ġ as a space. */
    private record Longest(List<String> vocabulary) implements Tokenizer {
        @Override
        public int[] encodePlain(String text) {
            String rest = text.replace(' ', 'Ġ');
            List<Integer> ids = new ArrayList<>();
            while (!rest.isEmpty()) {
                String left = rest;
                int length = vocabulary.stream().filter(left::startsWith).mapToInt(String::length).max().orElseThrow();
                ids.add(vocabulary.indexOf(left.substring(0, length)));
                rest = left.substring(length);
            }
            return text.contains("Ġ") ? new int[] {0, 0} : ids.stream().mapToInt(Integer::intValue).toArray();
        }

        @Override
        public int[] encode(String text) {
            return encodePlain(text);
        }

        @Override
        public String decode(int[] ids) {
            StringBuilder text = new StringBuilder();
            for (int id : ids) {
                text.append(token(id));
            }
            return text.toString().replace('Ġ', ' ');
        }

        @Override
        public byte[] bytes(int id) {
            return decode(new int[] {id}).getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public String token(int id) {
            return vocabulary.get(id);
        }

        @Override
        public int vocabSize() {
            return vocabulary.size();
        }

        @Override
        public OptionalInt endOfText() {
            return OptionalInt.empty();
        }
    }
}
