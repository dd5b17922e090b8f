package inkling.tokenizer.split;

import inkling.errors.ModelFormatException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Splits text by a regular expression from another program's file. Such patterns are written for Oniguruma, Ruby's engine. A pattern is
 * accepted only if it means the same in Java. The patterns of Llama 3, Qwen 2 and GPT-4o do. Letters, numbers and white space are those of
 * {@link UnicodeTable}.
 *
 * @param pattern {@code written}, compiled
 * @param written the pattern as the file has it
 * @param literal whether {@code written} is a plain text to find, not a regular expression
 * @param behavior how matches, and the text between them, become pieces
 * @param invert whether matches and the text between them swap roles
 */
public record RegexSplit(SplitPattern pattern, String written, boolean literal, SplitBehavior behavior, boolean invert)
    implements PreTokenizer {
    private static final int LONGEST = 10_000;   // characters of a pattern
    /** The pattern of Qwen 2, 2.5 and 3. */
    public static final String QWEN_2 = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}"
        + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"; // Llama 3 has \p{N}{1,3}

    /** Splits at each occurrence of a literal text. Each match is a piece, and so is the text between matches. */
    public static RegexSplit literal(String text) {
        return new RegexSplit(SplitPattern.literal(text), text, true, SplitBehavior.ISOLATED, false);
    }

    /**
     * Splits by a pattern. Each match is a piece, and so is the text between matches.
     *
     * @throws PatternSyntaxException if a part of the pattern could mean something else in Java, or take exponential time
     */
    public static RegexSplit of(String pattern) {
        objection(pattern).ifPresent(why -> {
            throw new PatternSyntaxException(why, pattern, -1);
        });
        return new RegexSplit(SplitPattern.of(pattern), pattern, false, SplitBehavior.ISOLATED, false);
    }

    /** The same pattern with another behavior. */
    public RegexSplit with(SplitBehavior behavior, boolean invert) {
        return new RegexSplit(pattern, written, literal, behavior, invert);
    }

    @Override
    public void split(byte[] utf8, int from, int to, PieceSink pieces) {
        CodePointClasses classes = pattern.classes();
        char[] text = new char[to - from];
        int length = 0;
        for (int at = from; at < to; at += Gpt2Split.length(utf8[at])) {
            text[length++] = classes.of(Gpt2Split.codePoint(utf8, at));
        }
        Matcher matcher = pattern.pattern().matcher(new ReadLimitedText(text, length, written));
        SplitBehavior.Stretches stretches = behavior.stretches(utf8, pieces);
        int at = 0;       // in code points: all text before this place is done
        int start = from; // the same place in bytes
        while (matcher.find()) {
            if (matcher.start() > at) {
                int end = indexAfter(utf8, start, matcher.start() - at);
                stretches.add(start, end, invert);
                start = end;
            }
            int end = indexAfter(utf8, start, matcher.end() - matcher.start());
            stretches.add(start, end, !invert);
            start = end;
            at = matcher.end();
        }
        if (start < to) {
            stretches.add(start, to, invert);
        }
        stretches.end();
    }

    /** The byte index after the next {@code codePoints} code points. */
    private static int indexAfter(byte[] utf8, int start, int codePoints) {
        int end = start;
        for (int i = 0; i < codePoints; i++) {
            end += Gpt2Split.length(utf8[end]);
        }
        return end;
    }

    /** Limits how often a pattern may read the text. For n blanks, {@code \s*\s*x} would read about n³ characters. */
    private static final class ReadLimitedText implements CharSequence {
        private static final long READS_PER_CHARACTER = 1_000;

        private final char[] text;
        private final int length;
        private final String pattern;
        private long left;

        ReadLimitedText(char[] text, int length, String pattern) {
            this.text = text;
            this.length = length;
            this.pattern = pattern;
            this.left = READS_PER_CHARACTER * (length + 100L);
        }

        @Override
        public char charAt(int index) {
            if (--left < 0) {
                throw new ModelFormatException("pre_tokenizer: the pattern %s takes more than linear time on this text,"
                    .concat(" and is not supported.").formatted(pattern));
            }
            return text[index];
        }

        @Override
        public int length() {
            return length;
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return new String(text, start, end - start);
        }
    }

    @Override
    public boolean usesCategories() {
        return !literal;
    }

    /**
     * Cuts before a blank that follows a letter. In a piece of Llama 3's or Qwen 2's pattern, only letters can follow a letter. For other
     * patterns no cut is known.
     */
    @Override
    public int safeCut(String text) {
        if (literal || behavior != SplitBehavior.ISOLATED || !written.replace("{1,3}", "").equals(QWEN_2)) {
            return 0;
        }
        int at = text.length() - 1;
        while (at > 0 && !(text.charAt(at) == ' ' && UnicodeTable.isLetter(text.charAt(at - 1)))) {
            at--;
        }
        return Math.max(0, at);
    }

    /** Why the pattern is refused; empty if it is accepted. */
    private static Optional<String> objection(String pattern) {
        if (pattern.length() > LONGEST) {
            return Optional.of("the pattern is longer than " + LONGEST + " characters");
        }
        boolean inClass = false;
        char before = 0; // the previous character; 0 after an escape
        for (int i = 0; i < pattern.length(); i++) {
            char c = pattern.charAt(i);
            if (c == '\\') {
                Matcher escape = ESCAPE.matcher(pattern).region(i, pattern.length());
                if (!escape.lookingAt()) {
                    return Optional.of("the escape at index " + i + " may mean something else in Java");
                }
                i = escape.end() - 1;
                before = 0;
                continue;
            }
            Optional<String> objection = inClass ? inClass(c, pattern.startsWith("&&", i)) : outside(c, before);
            if (objection.isPresent()) {
                return objection;
            }
            inClass = inClass ? c != ']' : c == '[';
            before = c;
        }
        return Optional.empty();
    }

    private static Optional<String> inClass(char c, boolean intersection) {
        return c == '[' || intersection ? Optional.of("a class within a class may mean something else in Java") : Optional.empty();
    }

    private static Optional<String> outside(char c, char before) {
        if (c == '.' || c == '^' || c == '$' || c == '#') {
            return Optional.of("'" + c + "' may mean something else in Java");
        }
        if (c == '+' && before == '}') {
            return Optional.of("a possessive {n,m}+ means something else in Java");
        }
        boolean repeats = c == '+' || c == '*' || c == '{';
        return repeats && before == ')' ? Optional.of("a repeated group can take exponential time") : Optional.empty();
    }

    /** The accepted escapes: Unicode's general categories, {@code \s \S \d \D}, control characters and escaped punctuation. */
    private static final Pattern ESCAPE = Pattern.compile("\\\\(?:[pP]\\{[CLMNPSZ][a-z]?}|[sSdDrntf]|[^A-Za-z0-9])");
}
