package inkling.tokenizer.huggingface;

import static inkling.tokenizer.huggingface.SmallTokenizerJson.good;
import static inkling.tokenizer.huggingface.SmallTokenizerJson.merges;
import static inkling.tokenizer.huggingface.SmallTokenizerJson.read;
import static inkling.tokenizer.huggingface.SmallTokenizerJson.split;
import static inkling.tokenizer.huggingface.SmallTokenizerJson.vocab;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.errors.ModelFormatException;
import inkling.tokenizer.Tokenizer;
import inkling.tokenizer.bpe.ByteAlphabet;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Large files are read in bounded time. A pattern that takes too long on a text ends in a refusal, in bounded time, too. */
@Tag("thorough")
class CostlyTokenizerJsonTest {
    /** No chain of these merges leads back to an earlier token: a merged token is always longer than its two parts. */
    @Test
    void aMillionMergesAreReadInBoundedTime() {
        ObjectNode json = good();
        ObjectNode vocab = vocab(json).removeAll();
        ArrayNode merges = merges(json).removeAll();
        ((ArrayNode) json.get("added_tokens")).removeAll();
        for (int b : ByteAlphabet.bytesInOrder()) {
            vocab.put(String.valueOf(ByteAlphabet.character(b)), vocab.size());
        }
        for (int i = 0; i < 1_000_000; i++) {
            String left = i < 65_536 ? ByteAlphabet.character(i >> 8) + "" : token(i & 0xFFFF);
            String right = i < 65_536 ? ByteAlphabet.character(i & 0xFF) + "" : token(i >> 16);
            vocab.put(left + right, vocab.size());
            merges.add(left + " " + right);
        }
        Tokenizer tokenizer = assertTimeoutPreemptively(Duration.ofMinutes(1), () -> read(json));
        assertEquals(1_000_256, tokenizer.vocabSize());
        String word = "abcdefgh".repeat(10_000);
        assertEquals(word, tokenizer.decode(tokenizer.encode(word)));
    }

    @Test
    void manyAddedTokensAreReadInBoundedTime() {
        ObjectNode json = good();
        for (int i = 0; i < 200_000; i++) {
            ((ArrayNode) json.get("added_tokens")).addObject().put("id", 262 + i).put("content", "<|" + i + "|>");
        }
        assertEquals(200_262, assertTimeoutPreemptively(Duration.ofSeconds(120), () -> read(json)).vocabSize());
    }

    /** One {@code \s*} alone is harmless. Two in a row take quadratic time, six take the sixth power of the length. */
    @Test
    void aPatternThatTakesMoreThanLinearTimeEndsInARefusal() {
        ObjectNode json = good();
        split(json, "\\s*\\s*\\s*\\s*\\s*\\s*x|\\s+");
        Tokenizer tokenizer = read(json);
        assertEquals("ab cd", tokenizer.decode(tokenizer.encode("ab cd")));
        ModelFormatException e = assertTimeoutPreemptively(Duration.ofSeconds(120),
            () -> assertThrows(ModelFormatException.class, () -> tokenizer.encode(" ".repeat(5_000))));
        assertTrue(e.getMessage().contains("takes more than linear time on this text"), e.getMessage());
    }

    private static String token(int pair) {
        return ByteAlphabet.character(pair >> 8) + "" + ByteAlphabet.character(pair & 0xFF);
    }
}
