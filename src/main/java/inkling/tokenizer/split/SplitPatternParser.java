package inkling.tokenizer.split;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.function.IntPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.IntStream;

/**
 * Translates a split pattern of tokenizer.json, in the syntax of Oniguruma (Ruby's engine), for Java. It parses the pattern into parts:
 * syntax that Java reads unchanged, single characters, and sets of code points.
 */
final class SplitPatternParser {
    /** One part of a pattern. */
    @FunctionalInterface
    interface PatternPart {
        /**
         * This part as a Java pattern, for a text in which {@code classes} has replaced each code point by the symbol of its class. The
         * pattern is written in these symbols.
         */
        String javaPattern(CodePointClasses classes);
    }

    /** An escape or a member of a class: one character, or a set of characters. For a set, {@code character} is −1. */
    private record Item(int character, IntPredicate set) {
        static Item of(int character) {
            return new Item(character, c -> c == character);
        }

        boolean isSet() {
            return character < 0;
        }
    }

    private static final int LONG_S = 0x17F;     // ſ matches s if case is ignored
    private static final int KELVIN = 0x212A;    // the Kelvin sign matches k if case is ignored
    private static final int ABOVE_ASCII = 0x80;
    private static final Pattern GROUP = Pattern.compile("\\((?:\\?(?:[:=!>]|<[=!]|i:))?+(?!\\?)");
    private static final String SYNTAX = "|)?*+{},0123456789";   // digits and commas belong to {1,3} and the like, or stand for themselves
    private static final IntPredicate WHITE_SPACE = UnicodeTable::isWhiteSpace;

    private final String written;
    private final List<PatternPart> parts = new ArrayList<>();
    private final NavigableSet<Integer> bounds = new TreeSet<>();
    private final Deque<Boolean> outer = new ArrayDeque<>();   // for each open group: whether case is ignored around it
    private boolean ignoreCase;
    private int at;

    SplitPatternParser(String written) {
        this.written = written;
    }

    List<PatternPart> parts() {
        return parts;
    }

    /** Code points above ASCII at which a range or character of the pattern begins, or has just ended. */
    NavigableSet<Integer> bounds() {
        return bounds;
    }

    /**
     * Parses the whole pattern. {@link RegexSplit#of} has refused {@code . ^ $ #} outside of classes, and all escapes but those that
     * {@link #escape} reads.
     *
     * @throws PatternSyntaxException if a part has no meaning, or could mean something else in Java than in Oniguruma
     */
    void parse() {
        if (written.startsWith("(?i)")) {
            startIgnoringCase();
            at = 4;
        }
        while (at < written.length()) {
            int c = written.codePointAt(at);
            if (c == '(') {
                group();
            } else if (c == '[') {
                bracket();
            } else if (c == '\\') {
                Item item = escape();
                if (item.isSet()) {
                    set(item.set());
                } else {
                    literal(item.character());
                }
            } else {
                at += Character.charCount(c);
                syntaxOrLiteral(c);
            }
        }
    }

    private void group() {
        Matcher opening = GROUP.matcher(written).region(at, written.length());
        if (!opening.lookingAt()) {
            throw fault("the group at index " + at + " may mean something else in Java");
        }
        at = opening.end();
        outer.push(ignoreCase);
        if (opening.group().equals("(?i:")) {
            startIgnoringCase();
        }
        verbatim(opening.group().replace("i", ""));
    }

    private void startIgnoringCase() {
        ignoreCase = true;
        bound(LONG_S, LONG_S);
        bound(KELVIN, KELVIN);
    }

    private void syntaxOrLiteral(int c) {
        if (c == ')' && !outer.isEmpty()) {
            ignoreCase = outer.pop();
        }
        if (SYNTAX.indexOf(c) >= 0) {
            verbatim(Character.toString(c));
        } else {
            literal(c);
        }
    }

    private void verbatim(String java) {
        parts.add(classes -> java);
    }

    /** Adds a character that stands for itself. If case is ignored, it matches its other case too. */
    void literal(int c) {
        if (ignoreCase) {
            requireAscii(c);
        }
        bound(c, c);
        if (ignoreCase && isAsciiLetter(c)) {
            set(Item.of(c).set());
        } else {
            parts.add(classes -> "\\u%04x".formatted((int) classes.of(c)));
        }
    }

    private void set(IntPredicate set) {
        IntPredicate members = inAnyCase(set);
        parts.add(classes -> classes.members(members));
    }

    private IntPredicate inAnyCase(IntPredicate set) {
        return ignoreCase ? c -> set.test(c) || otherForms(c).anyMatch(set) : set;
    }

    private void bracket() {
        at++;
        boolean negated = at < written.length() && written.charAt(at) == '^';
        at += negated ? 1 : 0;
        List<IntPredicate> members = new ArrayList<>();
        while (at < written.length() && written.charAt(at) != ']') {
            members.add(range(item()));
        }
        if (at == written.length()) {
            throw fault("Unclosed character class");
        }
        if (members.isEmpty()) {
            throw fault("an empty class may mean something else in Java");
        }
        at++;
        IntPredicate set = inAnyCase(c -> members.stream().anyMatch(member -> member.test(c)));
        parts.add(classes -> classes.members(negated ? set.negate() : set));
    }

    /** {@code first} itself, or the range that begins with it. */
    private IntPredicate range(Item first) {
        boolean range = at + 1 < written.length() && written.charAt(at) == '-' && written.charAt(at + 1) != ']';
        if (!range) {
            return first.set();
        }
        at++;
        Item last = item();
        if (first.isSet() || last.isSet()) {
            throw fault("a range that begins or ends with a class may mean something else in Java");
        }
        if (last.character() < first.character()) {
            throw fault("Illegal character range");
        }
        bound(first.character(), last.character());
        return c -> c >= first.character() && c <= last.character();
    }

    private Item item() {
        int c = written.codePointAt(at);
        if (c == '\\') {
            return escape();
        }
        at += Character.charCount(c);
        return character(c);
    }

    private Item character(int c) {
        if (ignoreCase) {
            requireAscii(c);
        }
        bound(c, c);
        return Item.of(c);
    }

    private Item escape() {
        int c = written.codePointAt(at + 1);
        at += 1 + Character.charCount(c);
        return switch (c) {
            case 'r' -> character('\r');
            case 'n' -> character('\n');
            case 't' -> character('\t');
            case 'f' -> character('\f');
            case 's' -> new Item(-1, WHITE_SPACE);
            case 'S' -> new Item(-1, WHITE_SPACE.negate());
            case 'd' -> new Item(-1, categories("Nd"));
            case 'D' -> new Item(-1, categories("Nd").negate());
            case 'p' -> new Item(-1, named());
            case 'P' -> new Item(-1, named().negate());
            default -> character(c);
        };
    }

    /** The set of the category whose name stands in braces after {@code \p}, e.g. {@code {Lu}}. */
    private IntPredicate named() {
        if (ignoreCase) {
            throw fault("a category where case is ignored may mean something else in Java");
        }
        int end = written.indexOf('}', at);
        String name = written.substring(at + 1, end);
        at = end + 1;
        return categories(name);
    }

    private IntPredicate categories(String name) {
        boolean[] members = new boolean[UnicodeTable.CATEGORIES.size()];
        boolean some = false;
        for (int i = 0; i < members.length; i++) {
            members[i] = UnicodeTable.CATEGORIES.get(i).startsWith(name);
            some |= members[i];
        }
        if (!some) {
            throw fault("there is no category " + name);
        }
        return c -> members[UnicodeTable.category(c)];
    }

    private void requireAscii(int c) {
        if (c >= ABOVE_ASCII) {
            throw fault("a character above ASCII where case is ignored may mean something else in Java");
        }
    }

    private void bound(int first, int last) {
        if (first >= ABOVE_ASCII) {
            bounds.add(first);
        }
        if (last >= ABOVE_ASCII - 1 && last < Character.MAX_CODE_POINT) {
            bounds.add(last + 1);
        }
    }

    private static boolean isAsciiLetter(int c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
    }

    /**
     * Letters that {@code c} matches if case is ignored, with or without {@code c} itself; none unless {@code c} is an ASCII letter or
     * folds to one.
     */
    private static IntStream otherForms(int c) {
        if (c == LONG_S || c == 's' || c == 'S') {
            return IntStream.of('s', 'S', LONG_S);
        }
        if (c == KELVIN || c == 'k' || c == 'K') {
            return IntStream.of('k', 'K', KELVIN);
        }
        return isAsciiLetter(c) ? IntStream.of(c ^ 0x20) : IntStream.empty();
    }

    private PatternSyntaxException fault(String why) {
        return new PatternSyntaxException(why, written, -1);
    }
}
