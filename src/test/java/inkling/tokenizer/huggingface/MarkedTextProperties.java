package inkling.tokenizer.huggingface;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import inkling.tokenizer.MarkedIds;
import inkling.tokenizer.MarkedText;
import inkling.tokenizer.Tokenizer;
import inkling.tokenizer.bpe.BpeTokenizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/**
 * Each tokenizer of {@link Kinds} encodes texts whose parts have marks. Unless plain characters would be part of a special token, the ids
 * are the library's for the whole text. Each id has the marks of its characters.
 */
@Tag("thorough")
class MarkedTextProperties {
    /** @param strips whether some added tokens take white space beside them */
    private record Both(Tokenizer ours, HuggingFaceOracle library, boolean strips) {}

    /** A part of a text with its marks. */
    private record Part(String text, int marks) {}

    private static final Map<String, Both> KINDS = new LinkedHashMap<>();

    @BeforeContainer
    static void read() throws IOException {
        Path directory = Files.createTempDirectory("marked");
        Kinds.all().forEach((name, json) -> {
            Path file = Kinds.write(directory, name, json);
            KINDS.put(name, new Both(TokenizerFiles.read(file), new HuggingFaceOracle(file), strips(file)));
        });
    }

    private static boolean strips(Path file) {
        try {
            return Pattern.compile("\"[lr]strip\"\\s*:\\s*true").matcher(Files.readString(file)).find();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @AfterContainer
    static void close() {
        KINDS.values().forEach(both -> both.library.close());
        KINDS.clear();
    }

    private static MarkedText marked(List<Part> parts) {
        StringBuilder text = new StringBuilder();
        List<MarkedText.Run> runs = new ArrayList<>();
        for (Part part : parts) {
            text.append(part.text);
            runs.add(new MarkedText.Run(text.length(), part.marks));
        }
        return new MarkedText(text.toString(), runs);
    }

    @Property(tries = 60)
    void theIdsAreThoseOfTheWholeTextAndEachHasTheMarksOfItsCharacters(@ForAll("parts") List<Part> parts) {
        MarkedText text = marked(parts);
        int[] marks = parts.stream().flatMapToInt(part -> part.text.codePoints().map(c -> part.marks)).toArray();
        KINDS.forEach((name, both) -> {
            MarkedIds ids = both.ours.encode(text);
            assertArrayEquals(both.library.encode(text.text()), ids.ids(), () -> name + ": " + parts);
            if (name.contains("without bytes") || name.contains("some bytes")) {
                return;   // the library says of an unknown token only where its first character lies
            }
            int[][] spans = both.library.spans(text.text());
            for (int i = 0; i < spans.length; i++) {
                int expected = IntStream.range(spans[i][0], spans[i][1]).map(c -> marks[c]).reduce(0, (a, b) -> a | b);
                int at = i;
                assertEquals(expected, ids.marks()[i], () -> name + ": " + parts + ", token " + at + " " + both.ours.token(ids.ids()[at]));
            }
        });
    }

    /** No special token is found in a text that is plain throughout: it has the ids of {@code encodePlain}. */
    @Property(tries = 60)
    void whereAllIsPlainNothingIsSpecial(@ForAll("anyParts") List<Part> parts) {
        MarkedText text = marked(parts.stream().map(part -> new Part(part.text, part.marks | MarkedText.PLAIN)).toList());
        KINDS.forEach((name, both) ->
            assertArrayEquals(both.ours.encodePlain(text.text()), both.ours.encode(text).ids(), () -> name + ": " + parts));
    }

    /**
     * Left out are the kind whose special tokens are normalized, and the kinds with tokens that take white space: Phi-3's {@code <|end|>}
     * takes the white space that follows it, plain or not, as in the library.
     */
    @Property(tries = 60)
    void aSpecialTokenNeverCoversPlainCharacters(@ForAll("anyParts") List<Part> parts) {
        MarkedText text = marked(parts);
        KINDS.forEach((name, both) -> {
            MarkedIds ids = both.ours.encode(text);
            for (int i = 0; i < ids.ids().length && !both.strips; i++) {
                int at = i;
                boolean special = !name.contains("normalized marks") && ((BpeTokenizer) both.ours).model().added().stream()
                    .anyMatch(token -> token.special() && token.content().equals(both.ours.token(ids.ids()[at])));
                assertEquals(false, special && ids.has(i, MarkedText.PLAIN), () -> name + ": " + parts + " "
                    + Arrays.toString(ids.ids()) + at);
            }
        });
    }

    @Provide
    Arbitrary<List<Part>> parts() {
        Arbitrary<String> words = Arbitraries.of(" ", "  ", "\n", "\n\n", "▁", "the", " the", "Macbeth", "you", "cat", "é", "漢",
            "😀", "12", "7",
            ".", "xylophone", "_", "don't", "\u00A0");
        Arbitrary<Part> typed = Combinators.combine(words, Arbitraries.of(MarkedText.PLAIN, MarkedText.PLAIN | MarkedText.LEARNED))
            .as(Part::new);
        Arbitrary<Part> written = Combinators.combine(Arbitraries.oneOf(words, bracketedTokens()), Arbitraries.of(0, MarkedText.LEARNED))
            .as(Part::new);
        return Arbitraries.oneOf(typed, written).list().ofMinSize(1).ofMaxSize(12);
    }

    @Provide
    Arbitrary<List<Part>> anyParts() {
        Arbitrary<String> texts = Arbitraries.oneOf(bracketedTokens(),
            Arbitraries.of(" ", "the", "<", "s", ">", "<s", "s>", "|>", "<|", "e", "\u0301", "▁"));
        return Combinators.combine(texts, Arbitraries.of(0, MarkedText.PLAIN)).as(Part::new).list().ofMinSize(1).ofMaxSize(10);
    }

    private static Arbitrary<String> bracketedTokens() {
        return Arbitraries.of("<s>", "</s>", "<|end|>", "<mask>", "<both>", "<|im_start|>", "<unk>");
    }
}
