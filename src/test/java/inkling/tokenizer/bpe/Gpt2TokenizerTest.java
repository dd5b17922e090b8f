package inkling.tokenizer.bpe;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingType;
import inkling.Fixtures;
import inkling.io.Sha256;
import inkling.tokenizer.MarkedText;
import inkling.tokenizer.huggingface.HuggingFaceOracle;
import inkling.tokenizer.huggingface.NastyStrings;
import inkling.tokenizer.huggingface.TokenizerFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** GPT-2's tokenizer against two independent implementations. */
@Tag("thorough")
class Gpt2TokenizerTest {
    private static final BpeTokenizer GPT2 = BpeTokenizer.gpt2();

    @Test
    void knownIds() {
        assertArrayEquals(new int[] {15496, 995}, GPT2.encode("Hello world"));
        assertArrayEquals(new int[] {50256}, GPT2.encode("<|endoftext|>"));
        assertArrayEquals(new int[] {27, 91, 437, 1659, 5239, 91, 29}, GPT2.encodePlain("<|endoftext|>"));
        assertEquals(50257, GPT2.vocabSize());
        assertEquals(50256, GPT2.endOfText().orElseThrow());
        assertEquals("Ġworld", GPT2.token(995));
        assertEquals(" world", GPT2.piece(995));
    }

    @Test
    void idsEqualJtokkitsOnBothCorporaAndOnNastyStrings() {
        Encoding jtokkit = Encodings.newDefaultEncodingRegistry().getEncoding(EncodingType.R50K_BASE);
        List<String> differing = new ArrayList<>();
        for (String text : texts()) {
            if (!Arrays.equals(jtokkit.encodeOrdinary(text).toArray(), GPT2.encodePlain(text))) {
                differing.add(text);
            }
        }
        assertEquals(List.of(), differing);
    }

    @Test
    void idsEqualHuggingFacesOnBothCorporaAndOnNastyStrings(@TempDir Path directory) {
        TokenizerFiles.write(GPT2, directory);
        List<String> differing = new ArrayList<>();
        try (HuggingFaceOracle oracle = new HuggingFaceOracle(directory.resolve("tokenizer.json"))) {
            for (String text : texts()) {
                if (!Arrays.equals(oracle.encode(text), GPT2.encode(text))) {
                    differing.add(text);
                }
            }
            String marked = "One.<|endoftext|>Two. <|endoftext|> \n<|endoftext|><|endoftext|>";
            assertArrayEquals(oracle.encode(marked), GPT2.encode(marked));
        }
        assertEquals(List.of(), differing);
    }

    @Test
    void nastyStringsComeBackAsTheyWere() {
        for (String text : NastyStrings.all()) {
            assertEquals(text, GPT2.decode(GPT2.encode(text)));
            assertEquals(text, GPT2.decode(GPT2.encodePlain(text)));
        }
        assertTrue(NastyStrings.all().size() >= 300, "only " + NastyStrings.all().size());
    }

    @Test
    void loneSurrogatesBecomeReplacementCharacters() {
        assertEquals("a\uFFFDb\uFFFD😀", GPT2.decode(GPT2.encode("a\uD800b\uDC00😀")));
    }

    @Test
    void loneSurrogatesOfAMarkedTextBecomeReplacementCharactersToo() {
        List<MarkedText.Run> runs = List.of(new MarkedText.Run(1, MarkedText.LEARNED), new MarkedText.Run(6, MarkedText.PLAIN));
        assertEquals("a\uFFFDb\uFFFD😀", GPT2.decode(GPT2.encode(new MarkedText("a\uD800b\uDC00😀", runs)).ids()));
    }

    /**
     * Compares with two hashes: of the tokens of OpenAI's encoder.json, one a line in the order of their ids, and of OpenAI's vocab.bpe.
     * Compares with the files themselves if they are there.
     */
    @Test
    void vocabularyAndMergesEqualOpenAisFiles() {
        assertEquals("e35a33a0b2250c932ffdafc4c3a3552aef0cc7af7a11e9ebfddf1d2a6517371f",
            Sha256.of(String.join("\n", GPT2.model().tokens())));
        assertEquals("1ce1664773c50f3e0cc8842619a93edc4624525b728b188a9e0be33b7726adc5",
            Sha256.of(TokenizerFiles.files(GPT2).get("merges.txt")));
        Fixtures.sharedIfThere("data/gpt2-tokenizer").map(original -> (BpeTokenizer) TokenizerFiles.find(original).orElseThrow())
            .forEach(read -> {
            assertEquals(read.model().tokens(), GPT2.model().tokens());
            assertEquals(read.model().merges(), GPT2.model().merges());
            assertEquals(read.model().added(), GPT2.model().added());
        });
    }

    /** The word has two million letters. If the time grew with the square of the length, the test would run for hours. */
    @Test
    void oneHugeWordIsEncodedInLinearTime() {
        String word = "abcdefghijklmnopqrstuvwxyz".repeat(80_000);
        int[] ids = GPT2.encode(word);
        assertEquals(word, GPT2.decode(ids));
        assertTrue(ids.length < word.length());
    }

    private static List<String> texts() {
        List<String> texts = new ArrayList<>(NastyStrings.all());
        texts.add(Fixtures.dickens());
        texts.add(Fixtures.macbeth());
        return texts;
    }
}
