package inkling.tokenizer.bpe;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.Fixtures;
import inkling.tokenizer.CharTokenizer;
import inkling.tokenizer.IncrementalDecoder;
import inkling.tokenizer.Tokenizer;
import inkling.tokenizer.split.Gpt2Split;
import inkling.tokenizer.split.PreTokenizer;
import inkling.tokenizer.split.RegexSplit;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;

@Tag("thorough")
class TokenizerProperties {
    private static final BpeTokenizer GPT2 = BpeTokenizer.gpt2();
    private static final BpeTokenizer SMALL = new BpeTrainer(400).add(Fixtures.macbeth()).train();
    private static final RegexSplit GPT2_PATTERN = RegexSplit.of(
        "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+");

    @Property(tries = 2000)
    void everyUnicodeStringComesBack(@ForAll("texts") String text) {
        for (Tokenizer tokenizer : List.of(GPT2, SMALL, CharTokenizer.fit(text + "x"))) {
            assertEquals(text, tokenizer.decode(tokenizer.encode(text)));
            assertEquals(text, tokenizer.decode(tokenizer.encodePlain(text)));
            assertTrue(Arrays.stream(tokenizer.encode(text)).allMatch(id -> id >= 0 && id < tokenizer.vocabSize()));
        }
    }

    /** Ids can make any bytes, whole characters or not. Bytes that are no UTF-8 become U+FFFD, as Java's decoder makes it. */
    @Property(tries = 1000)
    void anyBytesDecodeAsJavaDecodesThem(@ForAll byte[] bytes) {
        int[] ids = new int[bytes.length];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = GPT2.id(String.valueOf(ByteAlphabet.character(bytes[i] & 0xFF))).orElseThrow();
        }
        assertEquals(new String(bytes, StandardCharsets.UTF_8), GPT2.decode(ids));
        assertEquals(GPT2.decode(ids), incrementally(GPT2, ids));
    }

    @Property(tries = 1000)
    void incrementalDecodingGivesTheSameText(@ForAll("texts") String text, @ForAll long seed) {
        int[] ids = SMALL.encode(text);
        assertEquals(text, incrementally(SMALL, ids));
        java.util.Random random = new java.util.Random(seed);
        int[] any = random.ints(30, 0, SMALL.vocabSize()).toArray();
        assertEquals(SMALL.decode(any), incrementally(SMALL, any));
    }

    @Property(tries = 2000)
    void theScannerCutsAsThePatternDoes(@ForAll("texts") String text) {
        assertEquals(pieces(GPT2_PATTERN, text), pieces(Gpt2Split.INSTANCE, text));
    }

    @Property(tries = 1000)
    void aSafeCutKeepsTheIds(@ForAll("texts") String text, @ForAll("texts") String more) {
        int cut = SMALL.safeCut(text);
        int[] parts = IntStream.concat(Arrays.stream(SMALL.encode(text.substring(0, cut))),
            Arrays.stream(SMALL.encode(text.substring(cut) + more))).toArray();
        assertArrayEquals(SMALL.encode(text + more), parts);
    }

    /**
     * In short pieces the encoder searches for the lowest rank; for long ones it keeps a heap. Both must give what the definition says.
     */
    @Property(tries = 500)
    void mergingEqualsItsDefinition(@ForAll("words") String word) {
        List<Integer> expected = new ArrayList<>();
        for (byte b : word.getBytes(StandardCharsets.UTF_8)) {
            expected.add(SMALL.id(String.valueOf(ByteAlphabet.character(b & 0xFF))).orElseThrow());
        }
        List<BpeModel.Merge> merges = SMALL.model().merges();
        while (mergeOne(expected, merges)) {
            // until none is left
        }
        assertArrayEquals(expected.stream().mapToInt(i -> i).toArray(), SMALL.encode(word));
    }

    private static boolean mergeOne(List<Integer> ids, List<BpeModel.Merge> merges) {
        for (BpeModel.Merge merge : merges) {
            for (int i = 0; i + 1 < ids.size(); i++) {
                if (ids.get(i) == merge.left() && ids.get(i + 1) == merge.right()) {
                    ids.set(i, merge.merged());
                    ids.remove(i + 1);
                    return true;
                }
            }
        }
        return false;
    }

    private static String incrementally(Tokenizer tokenizer, int[] ids) {
        IncrementalDecoder decoder = new IncrementalDecoder(tokenizer);
        StringBuilder text = new StringBuilder();
        for (int id : ids) {
            String next = decoder.next(id);
            assertTrue(next.isEmpty() || !Character.isHighSurrogate(next.charAt(next.length() - 1)));
            text.append(next);
        }
        return text.append(decoder.end()).toString();
    }

    private static List<String> pieces(PreTokenizer split, String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        List<String> pieces = new ArrayList<>();
        split.split(utf8, 0, utf8.length, (bytes, from, to) -> pieces.add(new String(utf8, from, to - from, StandardCharsets.UTF_8)));
        return pieces;
    }

    /** Mixes any code points, many characters that the split pattern looks at, and the special token. */
    @Provide
    Arbitrary<String> texts() {
        Arbitrary<String> any = Arbitraries.integers().between(0, Character.MAX_CODE_POINT)
            .filter(c -> Character.getType(c) != Character.SURROGATE).map(Character::toString);
        Arbitrary<String> telling = Arbitraries.of(" ", " ", "  ", "\n", "\r\n", "\t", "'", "s", "re", "ve", "ll", "a", "Z", "1", "²",
            "é", "\u0301", "😀", "汉",
            "\u00A0", "\u3000", "\u0085", "\u200B", "!", "-", "<|endoftext|>", "<|", "the", "\0", "\uFFFD", "ſ", "’");
        return Arbitraries.frequencyOf(net.jqwik.api.Tuple.of(1, any), net.jqwik.api.Tuple.of(4, telling)).list().ofMaxSize(40)
            .map(parts -> String.join("", parts));
    }

    @Provide
    Arbitrary<String> words() {
        return Arbitraries.strings().withChars("aehinorst").ofMinLength(1).ofMaxLength(150);
    }
}
