package inkling.tokenizer.split;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.tokenizer.huggingface.NastyStrings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Letters, numbers and white space are those of Hugging Face's library, on every Java version. */
@Tag("thorough")
class UnicodeTableTest {
    private static final String LLAMA_3 = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}"
        + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
    private static final String GPT_4O = "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+"
        + "(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*"
        + "(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

    @TempDir
    Path directory;

    /**
     * The first and last code point of each run of the table, except ASCII and surrogates. A run has one category, and its characters are
     * all newer than Unicode 13, or none is.
     */
    private static int[] ends() {
        return IntStream.range(0, UnicodeTable.runs()).flatMap(run -> IntStream.of(UnicodeTable.start(run), UnicodeTable.end(run) - 1))
            .filter(c -> c >= 0x80 && Character.getType(c) != Character.SURROGATE).distinct().toArray();
    }

    /** All characters that came after Unicode 13, the version that Java 17 knows. */
    private static int[] later() {
        return IntStream.rangeClosed(0, Character.MAX_CODE_POINT).filter(UnicodeTable::isLaterThanUnicode13).toArray();
    }

    @Test
    void gpt2sLettersNumbersAndWhiteSpace() {
        try (SplitOracle oracle = SplitOracle.gpt2(directory)) {
            oracle.assertEqualIds(ends(), SplitOracle.BEFORE, "GPT-2");
            assertEquals(154_998 - 143_859, later().length, "the characters of Unicode 16.0 less those of 13.0");
            oracle.assertEqualIds(later(), SplitOracle.BEFORE, "GPT-2");
            int joined = 256 + 0xF0 - 0xC2;   // a and the byte F0
            assertArrayEquals(new int[] {joined, 0xB1, 0x8D, 0x90}, oracle.ids("a\uD884\uDF50"), "U+31350 is a letter since Unicode 15");
        }
    }

    @Test
    void digitsAreNumbersOfTheSameVersion() {
        try (SplitOracle oracle = SplitOracle.digits(directory)) {
            oracle.assertEqualIds(ends(), "a1", "Digits");
            oracle.assertEqualIds(later(), "a1", "Digits");
        }
    }

    private static Stream<String> classes() {
        Stream<String> names = Stream.concat(Stream.of("L", "M", "N", "Z", "P", "S", "C"), UnicodeTable.CATEGORIES.stream());
        return Stream.concat(names.flatMap(name -> Stream.of("\\p{" + name + "}", "[^\\p{" + name + "}a!]")),
            Stream.of("\\s", "\\S", "[^\\s]", "\\d", "\\D+", "\\P{L}", "\\P{Nd}+", "[\\P{L}b]"));
    }

    @ParameterizedTest
    @MethodSource("classes")
    void eachClassThatAPatternCanName(String pattern) {
        try (SplitOracle oracle = SplitOracle.pattern(directory, pattern)) {
            oracle.assertEqualIds(ends(), "a!", pattern);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {LLAMA_3, GPT_4O, "[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+", "[^é\\p{Lu}]+", "é|ß\\p{L}",
        "[\uD840\uDC00-\uD869\uDEDF]",
        "a\uD884\uDF50+", "[à-ý]{1,2}(?=a)|(?<=é)\\s", "\\é[\\é-ü]", "[-é]", "[é-]+", "[!-é]"})
    void patternsOfModelsAndWithCharactersAndRanges(String pattern) {
        try (SplitOracle oracle = SplitOracle.pattern(directory, pattern)) {
            oracle.assertEqualIds(ends(), SplitOracle.BEFORE, pattern);
            NastyStrings.all().forEach(oracle::assertEqualIds);
            oracle.assertEqualIds("é ab ééß漢字カナ à á â\u3000é!ü汉 ßa\uD884\uDF50\uD884\uDF50\uD884\uDF51");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"(?i:'s|'k)", "(?i:[a-z]+)", "(?i)[^k]", "(?i:[^sx])|S", "(?i:a[0-9k]|!)k", "(?i:[^\\s])"})
    void whereCaseIsIgnored(String pattern) {
        try (SplitOracle oracle = SplitOracle.pattern(directory, pattern)) {
            oracle.assertEqualIds(new int[] {0x17F, 0x212A, 0xE9, 0xC9, 0x130, 0x131, 0x3C2, 0x1E9E}, SplitOracle.BEFORE, pattern);
            for (String text : List.of("'s 'S 'ſ 'k 'K '\u212A", "xXkK\u212ASsſ a9k A0K a\u212Ak aKK !k")) {
                oracle.assertEqualIds(text);
            }
        }
    }

    /** None of Java's character classes decides: the pattern that Java compiles lists characters. */
    @Test
    void compiledPatternsHaveNoneOfJavasClasses() {
        for (String pattern : Stream.concat(classes(), Stream.of(LLAMA_3, GPT_4O)).toList()) {
            Pattern java = SplitPattern.of(pattern).pattern();
            assertFalse(java.pattern().matches("(?s).*\\\\[pPsSdDwWbBhHvVR].*"), java.pattern());
            assertEquals(0, java.flags(), pattern);
        }
    }

    /** Two marks that were Mn in Unicode 13 and are Mc now. */
    private static final Set<Integer> CHANGED = Set.of(0x1734, 0x1171E);

    /**
     * On a Java with Unicode 16, each code point has the same category in Java and in the table. On an older Java, this holds for the
     * characters of Unicode 13 except two that changed. On Java 17, the characters that the table calls later must be unknown to Java.
     */
    @Test
    void thisJavaAgreesOnWhatItKnows() {
        boolean asNew = Character.getType(0x10D40) != Character.UNASSIGNED;   // a digit since Unicode 16
        List<String> differing = new ArrayList<>();
        for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
            boolean later = UnicodeTable.isLaterThanUnicode13(c);
            if (later && !asNew) {
                if (Runtime.version().feature() == 17 && Character.isDefined(c)) {
                    differing.add("U+%04X is not later".formatted(c));
                }
            } else if (!UnicodeTable.CATEGORIES.get(UnicodeTable.category(c)).equals(javas(c)) && (asNew || !CHANGED.contains(c))) {
                differing.add("U+%04X".formatted(c));
            }
        }
        assertEquals(List.of(), differing);
    }

    private static String javas(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.UPPERCASE_LETTER -> "Lu";
            case Character.LOWERCASE_LETTER -> "Ll";
            case Character.TITLECASE_LETTER -> "Lt";
            case Character.MODIFIER_LETTER -> "Lm";
            case Character.OTHER_LETTER -> "Lo";
            case Character.NON_SPACING_MARK -> "Mn";
            case Character.COMBINING_SPACING_MARK -> "Mc";
            case Character.ENCLOSING_MARK -> "Me";
            case Character.DECIMAL_DIGIT_NUMBER -> "Nd";
            case Character.LETTER_NUMBER -> "Nl";
            case Character.OTHER_NUMBER -> "No";
            case Character.SPACE_SEPARATOR -> "Zs";
            case Character.LINE_SEPARATOR -> "Zl";
            case Character.PARAGRAPH_SEPARATOR -> "Zp";
            case Character.CONNECTOR_PUNCTUATION -> "Pc";
            case Character.DASH_PUNCTUATION -> "Pd";
            case Character.START_PUNCTUATION -> "Ps";
            case Character.END_PUNCTUATION -> "Pe";
            case Character.INITIAL_QUOTE_PUNCTUATION -> "Pi";
            case Character.FINAL_QUOTE_PUNCTUATION -> "Pf";
            case Character.OTHER_PUNCTUATION -> "Po";
            case Character.MATH_SYMBOL -> "Sm";
            case Character.CURRENCY_SYMBOL -> "Sc";
            case Character.MODIFIER_SYMBOL -> "Sk";
            case Character.OTHER_SYMBOL -> "So";
            case Character.CONTROL -> "Cc";
            case Character.FORMAT -> "Cf";
            case Character.SURROGATE -> "Cs";
            case Character.PRIVATE_USE -> "Co";
            default -> "Cn";
        };
    }

    /** Cuts text around every character on each of the other Java versions that lie beside the running one. */
    @Test
    @Tag("process")
    void everyJavaCutsAtTheSamePlaces() throws Exception {
        Path home = Path.of(System.getProperty("java.home")).toRealPath();
        List<Path> others;
        try (Stream<Path> beside = Files.list(home.getParent())) {
            others = beside.filter(java -> !real(java).equals(home) && Files.isExecutable(java.resolve("bin/java"))).sorted().toList();
        }
        Assumptions.assumeFalse(others.isEmpty(), "no other Java beside " + home);
        String ours = Cuts.all();
        for (Path java : others) {
            Process process = new ProcessBuilder(java.resolve("bin/java").toString(), "-cp", System.getProperty("java.class.path"),
                Cuts.class.getName()).redirectError(ProcessBuilder.Redirect.INHERIT).start();
            String theirs = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            assertTrue(process.waitFor(1, TimeUnit.MINUTES));
            assertEquals(ours, theirs, java.toString());
        }
    }

    private static Path real(Path path) {
        try {
            return path.toRealPath();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Hashes of where text is cut; the test starts this on other Java versions, too. */
    static final class Cuts {
        private Cuts() {}

        public static void main(String[] args) {
            System.out.println(all());
        }

        static String all() {
            StringBuilder text = new StringBuilder();
            IntStream.rangeClosed(0, Character.MAX_CODE_POINT).filter(c -> c < 0xD800 || c > 0xDFFF)
                .forEach(c -> text.append("a").appendCodePoint(c).append("1").appendCodePoint(c).append("! "));
            byte[] utf8 = text.toString().getBytes(StandardCharsets.UTF_8);
            StringBuilder hashes = new StringBuilder();
            for (PreTokenizer split : List.of(Gpt2Split.INSTANCE, RegexSplit.of(LLAMA_3), RegexSplit.of(GPT_4O),
                new PreTokenizer.Digits(true))) {
                int[] hash = {0, 0};
                split.split(utf8, 0, utf8.length, (bytes, from, to) -> {
                    hash[0] = 31 * hash[0] + to;
                    hash[1]++;
                });
                hashes.append(hash[1]).append(' ').append(hash[0]).append('\n');
            }
            return hashes.toString().strip();
        }
    }
}
