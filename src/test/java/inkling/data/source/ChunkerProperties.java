package inkling.data.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.errors.ConfigException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/**
 * Compares the places where a text is cut with the published split patterns. The patterns are run by java.util.regex, which shares no
 * code with {@link Chunker}.
 */
class ChunkerProperties {
    private static final Pattern GPT2 = pattern("'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+");
    private static final Pattern CL100K = pattern("(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}"
        + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+");
    private static final Pattern O200K = pattern("[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+"
        + "(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*"
        + "(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+");

    private static Pattern pattern(String regex) {
        return Pattern.compile(regex, Pattern.UNICODE_CHARACTER_CLASS);
    }

    private static List<String> pieces(Pattern pattern, String text) {
        List<String> pieces = new ArrayList<>();
        Matcher matcher = pattern.matcher(text);
        while (matcher.find()) {
            pieces.add(matcher.group());
        }
        return pieces;
    }

    @Provide
    Arbitrary<String> nasty() {
        return Arbitraries.of("a", "B", "é", "中", "7", "٣", " ", " ", "  ", "\n", "\n", "\n\n", "\r", "\t", "\u00A0", "\u3000", "\u0085",
            "'", "'s", "s", "ll", ".", "。", "/", "😀", "𝄞", "\u0301", "\u200D", "-", "<|endoftext|>", "<|", "|>", "\u0000", "\uFEFF")
            .list().ofMaxSize(30).map(parts -> String.join("", parts));
    }

    @Property(tries = 4000, seed = "1337")
    void aCutNeverChangesThePieces(@ForAll("nasty") String before, @ForAll("nasty") String after) {
        int cut = Chunker.betweenWords(before);
        String whole = before + after;
        for (Pattern pattern : List.of(GPT2, CL100K, O200K)) {
            List<String> parted = new ArrayList<>(pieces(pattern, whole.substring(0, cut)));
            parted.addAll(pieces(pattern, whole.substring(cut)));
            assertEquals(pieces(pattern, whole), parted, "cut at " + cut);
        }
        for (int mark = whole.indexOf("<|endoftext|>"); mark >= 0; mark = whole.indexOf("<|endoftext|>", mark + 1)) {
            assertTrue(cut <= mark || cut >= mark + 13, "the mark stays whole");
        }
    }

    @Property(tries = 1000, seed = "1337")
    void chunksJoinToTheTextHoweverItArrives(@ForAll("nasty") String text, @ForAll @IntRange(min = 1, max = 9) int target,
                                             @ForAll @IntRange(min = 1, max = 5) int arriving) {
        List<String> chunks = new ArrayList<>();
        Chunker chunker = new Chunker(target, 1 << 20, Chunker::betweenWords, chunks::add);
        for (int at = 0; at < text.length(); at += arriving) {
            chunker.append(text.substring(at, Math.min(at + arriving, text.length())));
        }
        chunker.end();
        assertEquals(text, String.join("", chunks));
        assertEquals(pieces(GPT2, text), chunks.stream().flatMap(chunk -> pieces(GPT2, chunk).stream()).collect(Collectors.toList()));
    }

    @Example
    void wordsAndChineseLinesAreCut() {
        assertEquals(8, Chunker.betweenWords("one, two three"));
        assertEquals(0, Chunker.betweenWords("one"));
        assertEquals(3, Chunker.betweenWords("中。\n文。\n"));
        assertEquals(0, Chunker.betweenWords("中。\n\n文"), "GPT-2 parts the two line ends only because a letter follows");
        assertEquals(0, Chunker.betweenWords("<|endoftext|> x"), "a cut before a space needs a letter or digit before it");
    }

    @Example
    void chunksAreAboutAsLongAsAsked() {
        List<Integer> lengths = new ArrayList<>();
        Chunker chunker = new Chunker(100, 1 << 20, Chunker::betweenWords, chunk -> lengths.add(chunk.length()));
        for (int i = 0; i < 1000; i++) {
            chunker.append("seven77 ");
        }
        chunker.end();
        assertTrue(lengths.stream().allMatch(length -> length <= 108), lengths.toString());
        assertTrue(lengths.size() >= 70 && lengths.size() <= 90, lengths.toString());
    }

    @Example
    void textThatCannotBeCutIsRefusedBeyondTheBound() {
        Chunker chunker = new Chunker(16, 64, Chunker::betweenWords, chunk -> { });
        String message = assertThrows(ConfigException.class, () -> {
            for (int i = 0; i < 100; i++) {
                chunker.append("0123456789");
            }
        }).getMessage();
        assertTrue(message.contains("that cannot be cut: every cut would change the tokens"), message);
    }
}
