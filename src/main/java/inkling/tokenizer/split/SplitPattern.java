package inkling.tokenizer.split;

import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * A regular expression whose classes ({@code \p{L}}, {@code \s}, …) are {@link UnicodeTable}'s instead of Java's. Text and pattern are
 * both rewritten to {@link CodePointClasses}, one {@code char} for all code points that the pattern cannot tell apart; Java's expressions then see
 * nothing but lists of such chars: {@code \p{N}} becomes the ten digits and the three symbols of Nd, Nl and No.
 *
 * <p>Upper and lower case are told apart as Oniguruma does it, ASCII letters and the two signs that fold to one (ſ and the Kelvin sign).
 */
final class SplitPattern {
    private final Pattern pattern;
    private final CodePointClasses classes;

    private SplitPattern(Pattern pattern, CodePointClasses classes) {
        this.pattern = pattern;
        this.classes = classes;
    }

    /** Matches {@code text} as it is written. */
    static SplitPattern literal(String text) {
        SplitPatternParser parser = new SplitPatternParser("");
        text.codePoints().forEach(parser::literal);
        return compile(parser);
    }

    /** @throws PatternSyntaxException for what is no pattern, or what could mean something else in Oniguruma */
    static SplitPattern of(String written) {
        SplitPatternParser parser = new SplitPatternParser(written);
        parser.parse();
        return compile(parser);
    }

    private static SplitPattern compile(SplitPatternParser parser) {
        CodePointClasses classes = new CodePointClasses(parser.bounds());
        StringBuilder java = new StringBuilder();
        parser.parts().forEach(part -> java.append(part.over(classes)));
        return new SplitPattern(Pattern.compile(java.toString()), classes);
    }

    /** Over text of {@link #symbols}. */
    Pattern pattern() {
        return pattern;
    }

    CodePointClasses classes() {
        return classes;
    }
}
