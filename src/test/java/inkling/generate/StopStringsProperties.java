package inkling.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class StopStringsProperties {
    @Provide
    Arbitrary<String> text() {
        return Arbitraries.strings().withChars('a', 'b', 'c').ofMaxLength(24);
    }

    @Provide
    Arbitrary<List<String>> stops() {
        return Arbitraries.strings().withChars('a', 'b', 'c').ofMinLength(1).ofMaxLength(5).list().ofMaxSize(3);
    }

    @Property(tries = 2000)
    void piecesDoNotMatter(@ForAll("text") String text, @ForAll("stops") List<String> stops, @ForAll List<Integer> cuts) {
        StopStrings byCharacter = new StopStrings(stops);
        StringBuilder expected = new StringBuilder();
        for (char c : text.toCharArray()) {
            expected.append(byCharacter.push(String.valueOf(c)));
        }
        expected.append(byCharacter.matched() ? "" : byCharacter.finish());

        StopStrings byPiece = new StopStrings(stops);
        StringBuilder actual = new StringBuilder();
        int from = 0;
        for (int cut : cuts) {
            int to = Math.min(text.length(), from + Math.floorMod(cut, 7));
            actual.append(byPiece.push(text.substring(from, to)));
            assertTrue(text.startsWith(actual.toString()), "what was given out stands");
            from = to;
        }
        actual.append(byPiece.push(text.substring(from)));
        actual.append(byPiece.matched() ? "" : byPiece.finish());
        assertEquals(expected.toString(), actual.toString());
        assertEquals(byCharacter.matched(), byPiece.matched());
        assertEquals(stops.stream().anyMatch(text::contains), byPiece.matched());
        assertFalse(stops.stream().anyMatch(actual.toString()::contains));
    }

    @Example
    void holdsBackOnlyWhatMayBeginAStop() {
        StopStrings stops = new StopStrings(List.of("END", "\n\n"));
        assertEquals("The ", stops.push("The E"));
        assertEquals("Earl", stops.push("arl"));
        assertEquals(" EN", stops.push(" ENEN"));
        assertEquals("", stops.push("D of"));
        assertTrue(stops.matched());
        assertEquals("", stops.push("more"));
    }

    @Example
    void theStringThatIsCompleteFirstEndsTheText() {
        assertEquals("xa", new StopStrings(List.of("abcd", "b")).push("xabcd"));
        assertEquals("x", new StopStrings(List.of("d", "abcd")).push("xabcd"));
    }

    @Example
    void whatWasHeldBackComesAtTheEnd() {
        StopStrings stops = new StopStrings(List.of("aab"));
        assertEquals("a", stops.push("aaa"));
        assertEquals("aa", stops.finish());
        assertFalse(stops.matched());
    }
}
