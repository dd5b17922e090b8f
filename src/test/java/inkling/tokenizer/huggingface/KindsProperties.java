package inkling.tokenizer.huggingface;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import inkling.tokenizer.IncrementalDecoder;
import inkling.tokenizer.Tokenizer;
import inkling.tokenizer.split.TextPlace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import net.jqwik.api.Tuple;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** Every kind of tokenizer.json gives the ids and the text of Hugging Face's library, for a whole text and for a text in parts. */
@Tag("thorough")
class KindsProperties {
    private record Both(Tokenizer ours, HuggingFaceOracle library) {}

    private static final Map<String, Both> KINDS = new LinkedHashMap<>();

    @BeforeContainer
    static void read() throws IOException {
        Path directory = Files.createTempDirectory("kinds");
        Kinds.all().forEach((name, json) -> {
            Path file = Kinds.write(directory, name, json);
            KINDS.put(name, new Both(TokenizerFiles.read(file), new HuggingFaceOracle(file)));
        });
    }

    @AfterContainer
    static void close() {
        KINDS.values().forEach(both -> both.library.close());
        KINDS.clear();
    }

    @Property(tries = 400)
    void idsAndTextAreTheLibrarys(@ForAll("texts") String text) {
        KINDS.forEach((name, both) -> {
            int[] expected = both.library.encode(text);
            assertArrayEquals(expected, both.ours.encode(text), () -> name + ": " + Arrays.toString(expected) + " of " + text);
            assertEquals(both.library.decode(expected), both.ours.decode(expected), name);
            assertEquals(both.ours.decode(expected), decodedOneByOne(both.ours, expected), name);
        });
    }

    /** The ids are random ones below 300: characters may be cut in two, and some bytes are no text. */
    @Property(tries = 200)
    void anyIdsBecomeTheTextThatTheLibraryMakesOfThem(@ForAll long seed) {
        KINDS.forEach((name, both) -> {
            int[] ids = new Random(seed).ints(12, 0, Math.min(300, both.ours.vocabSize())).toArray();
            assertEquals(withSingleSigns(both, both.library.decode(ids)), withSingleSigns(both, both.ours.decode(ids)), () -> name + " "
                + Arrays.toString(ids));
            assertEquals(both.ours.decode(ids), decodedOneByOne(both.ours, ids), name);
        });
    }

    /**
     * Java and Rust write different numbers of U+FFFD for bytes that are no UTF-8. So each run of U+FFFD becomes one here, unless the
     * {@code decoder} of tokenizer.json says how many there are.
     */
    private static String withSingleSigns(Both both, String text) {
        return both.ours.stream(TextPlace.START).isPresent() ? text : text.replaceAll("\uFFFD+", "\uFFFD");
    }

    @Property(tries = 300)
    void whereItIsSafeToCutTheIdsStayTheSame(@ForAll("texts") String text, @ForAll("texts") String more) {
        KINDS.forEach((name, both) -> {
            int cut = both.ours.safeCut(text);
            int[] parts = cut == 0 ? both.ours.encode(text + more)
                : IntStream.concat(Arrays.stream(both.ours.encode(text.substring(0, cut))),
                Arrays.stream(both.ours.encodeRest(text.substring(cut) + more))).toArray();
            assertArrayEquals(both.ours.encode(text + more), parts, () -> name + " cut at " + cut + ": " + text + "|" + more);
        });
    }

    private static String decodedOneByOne(Tokenizer tokenizer, int[] ids) {
        IncrementalDecoder decoder = new IncrementalDecoder(tokenizer);
        StringBuilder text = new StringBuilder();
        Arrays.stream(ids).forEach(id -> text.append(decoder.next(id)));
        return text.append(decoder.end()).toString();
    }

    @Provide
    Arbitrary<String> texts() {
        Arbitrary<String> any = Arbitraries.integers().between(1, 0x2FFFF)
            .filter(c -> c < 0xD800 || c >= 0xE000).map(Character::toString);
        Arbitrary<String> telling = Arbitraries.of(" ", " ", "  ", "   ", "\n", "\n\n", "\t", "▁", "▁▁", "the", " the", "and", "Macbeth",
            "you", "cat",
            "concat", "e", "é", "e\u0301", "\u0301", "\u0323", "\u1100\u1161", "\u11A8", "漢", "😀", "12", "7", ".", "<s>", "</s>", "<|end|>",
            "<mask>", "<both>", "<|im_start|>", "<0x41>", "<unk>", "<table>", "\u00A0", "\u3000", "xylophone", "_", "don't");
        return Arbitraries.frequencyOf(Tuple.of(1, any), Tuple.of(6, telling)).list().ofMaxSize(14).map(parts -> String.join("", parts));
    }
}
