package inkling.tokenizer;

import static inkling.Says.says;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.Fixtures;
import inkling.errors.ConfigException;
import inkling.errors.ExitCode;
import inkling.tokenizer.huggingface.HuggingFaceOracle;
import inkling.tokenizer.huggingface.TokenizerFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CharTokenizerTest {
    @Test
    void idsFollowCodePointOrder() {
        CharTokenizer tokenizer = CharTokenizer.fit("b😀a\uFF5Ea");
        assertArrayEquals(new int[] {1, 0, 3, 2}, tokenizer.encode("ba😀\uFF5E"));
        assertEquals(4, tokenizer.vocabSize());
        assertEquals("😀", tokenizer.token(3));
        assertEquals(4, tokenizer.bytes(3).length);
        assertTrue(tokenizer.endOfText().isEmpty());
    }

    @Test
    void theCorpusComesBack() {
        String text = Fixtures.macbeth();
        CharTokenizer tokenizer = CharTokenizer.fit(text);
        assertEquals(text, tokenizer.decode(tokenizer.encode(text)));
        assertEquals(text.codePoints().distinct().count(), tokenizer.vocabSize());
    }

    @Test
    void documentsAreFittedLikeOneText() {
        assertEquals(CharTokenizer.fit("abc").vocabSize(), CharTokenizer.fit(List.of("ab", "", "ca")).vocabSize());
    }

    @Test
    void unknownCharactersAreListedWithOffsets() {
        CharTokenizer tokenizer = CharTokenizer.fit("abc 😀");
        ConfigException e = assertThrows(ConfigException.class, () -> tokenizer.encode("a😀é b\nécz"));
        assertEquals(ExitCode.USER_CAN_FIX, e.exitCode());
        says(e.getMessage(), "3 characters are not in the vocabulary", "\"é\" (U+00E9) at offset 2, 2 times", "U+000A at offset 5",
            "\"z\" (U+007A) at offset 8", "fit: all", "type: bpe");
    }

    @Test
    void theListOfUnknownCharactersIsBounded() {
        String many = IntStream.range(0x4E00, 0x5E00).mapToObj(Character::toString).collect(Collectors.joining());
        String message = assertThrows(ConfigException.class, () -> CharTokenizer.fit("a").encode(many)).getMessage();
        assertTrue(message.contains("4096 characters") && message.contains("and 4086 more"), message);
        assertTrue(message.length() < 1000, "length " + message.length());
    }

    @Test
    void emptyTextAndLoneSurrogatesAreRefused() {
        assertThrows(ConfigException.class, () -> CharTokenizer.fit(""));
        String message = assertThrows(ConfigException.class, () -> CharTokenizer.fit("a\uD800")).getMessage();
        assertTrue(message.contains("U+D800") && !message.contains("offset"), message);
    }

    /** Hugging Face's library reads the file as a BPE without merges over the whole text. */
    @Test
    void writtenAndReadAgainHereAndByHuggingFace(@TempDir Path directory) throws Exception {
        String text = Fixtures.macbeth().substring(0, 20_000) + "é😀";
        CharTokenizer tokenizer = CharTokenizer.fit(text);
        TokenizerFiles.write(tokenizer, directory);
        assertTrue(Files.notExists(directory.resolve("merges.txt")), "a vocab.json with a merges.txt would be taken for GPT-2's kind");
        Tokenizer again = TokenizerFiles.find(directory).orElseThrow();
        assertArrayEquals(tokenizer.encode(text), again.encode(text));
        assertArrayEquals(TokenizerFiles.json(tokenizer), TokenizerFiles.json(again));
        try (HuggingFaceOracle oracle = new HuggingFaceOracle(directory.resolve("tokenizer.json"))) {
            assertArrayEquals(oracle.encode(text), again.encode(text));
            assertEquals(text, oracle.decode(again.encode(text)));
        }
    }

    @Test
    void safeCutsKeepSurrogatePairsWhole() {
        CharTokenizer tokenizer = CharTokenizer.fit("a😀");
        assertEquals(2, tokenizer.safeCut("aa"));
        assertEquals(3, tokenizer.safeCut("a😀"));
        assertEquals(1, tokenizer.safeCut("a\uD83D"));
    }
}
