package inkling.tokenizer.split;

import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * A regular expression whose character classes ({@code \p{L}}, {@code \s}, …) follow {@link UnicodeTable} instead of the running Java. Text
 * and pattern are both rewritten with the symbols of {@link CodePointClasses}: one {@code char} for all code points that the pattern cannot
 * tell apart. In place of a class, Java then sees a list of such chars. For example, {@code \p{N}} becomes the ten digits and the symbols
 * of Nd, Nl and No.
 *
 * <p>Case-insensitive patterns follow Oniguruma: an ASCII letter matches its upper and its lower case. The letter s also matches ſ, and the
 * letter k the Kelvin sign, because these two characters fold to them.
 */
final class SplitPattern {
    private final Pattern pattern;
    private final CodePointClasses classes;

    private SplitPattern(Pattern pattern, CodePointClasses classes) {
        this.pattern = pattern;
        this.classes = classes;
    }

    /** A pattern that matches {@code text} literally. */
    static SplitPattern literal(String text) {
        SplitPatternParser parser = new SplitPatternParser("");
        text.codePoints().forEach(parser::literal);
        return compile(parser);
    }

    /**
     * @param written a pattern that {@link RegexSplit#of} has found no objection to
     * @throws PatternSyntaxException if {@code written} is no pattern, could mean something else in Java than in Oniguruma, or tells apart
     *     too many classes of characters ({@link CodePointClasses})
     */
    static SplitPattern of(String written) {
        SplitPatternParser parser = new SplitPatternParser(written);
        parser.parse();
        return compile(parser);
    }

    private static SplitPattern compile(SplitPatternParser parser) {
        CodePointClasses classes = new CodePointClasses(parser.bounds());
        StringBuilder java = new StringBuilder();
        parser.parts().forEach(part -> java.append(part.javaPattern(classes)));
        return new SplitPattern(Pattern.compile(java.toString()), classes);
    }

    /** The pattern for a text that is rewritten with {@link #classes}. */
    Pattern pattern() {
        return pattern;
    }

    CodePointClasses classes() {
        return classes;
    }
}
