package inkling.formats.peft;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Python's regular expressions (its {@code re}), for ASCII names that must match as a whole. Java's regular expressions differ in
 * meaning and may take exponential time. {@link PositionSets} matches in bounded time, and tells only whether a name matches, which is
 * enough here. References to groups, possessive repetition, flags other than a leading {@code (?i)}, and some rare escapes are refused.
 */
final class PythonPattern {
    private static final int LONGEST_PATTERN = 10_000;
    private static final int DEEPEST_GROUPS = 100;
    private static final Pattern REPEAT = Pattern.compile("\\{(?=[0-9,])([0-9]{0,4})(,?)([0-9]{0,4})}");
    private static final Pattern GROUP = Pattern.compile("\\((?:\\?(?:P<\\w+>|:|=|!|<=|<!)|(?!\\?))");

    private final String pattern;
    private final boolean caseless;
    private int at;
    private int depth;

    private PythonPattern(String pattern) {
        this.pattern = pattern;
        this.caseless = pattern.startsWith("(?i)");
        this.at = caseless ? 4 : 0;
    }

    /**
     * Tells whether a name matches as a whole, as {@code re.fullmatch(pattern, name)} does.
     *
     * @return a test that throws a PatternSyntaxException if a name takes too long to match
     * @throws PatternSyntaxException saying what is wrong or not supported
     */
    static Predicate<String> fullMatch(String pattern) {
        PythonPattern parser = new PythonPattern(pattern);
        if (pattern.length() > LONGEST_PATTERN) {
            throw parser.fault("more than " + LONGEST_PATTERN + " characters are not supported");
        }
        PositionSets.Step whole = parser.alternatives();
        if (parser.at < pattern.length()) {
            throw parser.fault("this ) has no (");
        }
        return name -> PositionSets.matches(whole, name);
    }

    private PositionSets.Step alternatives() {
        if (++depth > DEEPEST_GROUPS) {
            throw fault("groups nested deeper than " + DEEPEST_GROUPS + " are not supported");
        }
        List<PositionSets.Step> choices = new ArrayList<>(List.of(sequence()));
        while (take('|')) {
            choices.add(sequence());
        }
        depth--;
        return PositionSets.oneOf(choices);
    }

    private PositionSets.Step sequence() {
        List<PositionSets.Step> steps = new ArrayList<>();
        while (at < pattern.length() && pattern.charAt(at) != '|' && pattern.charAt(at) != ')') {
            steps.add(repeated(atom()));
        }
        return PositionSets.inOrder(steps);
    }

    private PositionSets.Step repeated(PositionSets.Step atom) {
        Matcher counts = REPEAT.matcher(pattern).region(at, pattern.length());
        int least = 0;
        int most = Integer.MAX_VALUE;
        if (take('+')) {
            least = 1;
        } else if (take('?')) {
            most = 1;
        } else if (counts.lookingAt()) {
            at = counts.end();
            least = number(counts.group(1), 0);
            most = counts.group(2).isEmpty() ? least : number(counts.group(3), Integer.MAX_VALUE);
        } else if (!take('*')) {
            return atom;
        }
        take('?');   // a lazy repetition: the same names match
        boolean again = at < pattern.length() && "*+?".indexOf(pattern.charAt(at)) >= 0;
        if (again || REPEAT.matcher(pattern).region(at, pattern.length()).lookingAt()) {
            throw fault("a repetition of a repetition is not supported");
        }
        if (most < least) {
            throw fault("a repetition of at least " + least + " and at most " + most + " is no repetition");
        }
        return PositionSets.repeated(atom, least, most);
    }

    private static int number(String digits, int otherwise) {
        return digits.isEmpty() ? otherwise : Integer.parseInt(digits);
    }

    private PositionSets.Step atom() {
        char c = pattern.charAt(at);
        switch (c) {
            case '(':
                return group();
            case '[':
                at++;
                return PositionSets.character(characterClass());
            case '\\':
                at++;
                return escape();
            case '*', '+', '?':
                throw fault("there is nothing to repeat here");
            default:
                at++;
        }
        return switch (c) {
            case '.' -> PositionSets.character(any -> any != '\n');
            case '^' -> PositionSets.where((text, position) -> position == 0);
            case '$' -> PositionSets.where((text, position) -> position == text.length());   // names have no line ends
            default -> PositionSets.character(anyCase(same -> same == c));
        };
    }

    private PositionSets.Step group() {
        Matcher opening = GROUP.matcher(pattern).region(at, pattern.length());
        if (!opening.lookingAt()) {
            throw fault("this kind of group is not supported");
        }
        at = opening.end();
        PositionSets.Step inside = alternatives();
        if (!take(')')) {
            throw fault("a ( before this place has no )");
        }
        return switch (opening.group()) {
            case "(?=" -> PositionSets.where((text, position) -> PositionSets.begins(inside, text, position));
            case "(?!" -> PositionSets.where((text, position) -> !PositionSets.begins(inside, text, position));
            case "(?<=" -> PositionSets.where((text, position) -> PositionSets.ends(inside, text, position));
            case "(?<!" -> PositionSets.where((text, position) -> !PositionSets.ends(inside, text, position));
            default -> inside;
        };
    }

    private PositionSets.Step escape() {
        char c = at < pattern.length() ? pattern.charAt(at) : 'x';
        PositionSets.Place border = (text, position) ->
            position > 0 && isWord(text.at(position - 1)) != (position < text.length() && isWord(text.at(position)))
                || position == 0 && text.length() > 0 && isWord(text.at(0));
        PositionSets.Step step = switch (c) {
            case 'A' -> PositionSets.where((text, position) -> position == 0);
            case 'Z' -> PositionSets.where((text, position) -> position == text.length());
            case 'b' -> PositionSets.where(border);
            case 'B' -> PositionSets.where((text, position) -> !border.at(text, position));
            default -> PositionSets.character(escapedCharacter());
        };
        at += "AZbB".indexOf(c) >= 0 ? 1 : 0;
        return step;
    }

    /** The character, or kind of characters, after a backslash, in a class or out of it. */
    private IntPredicate escapedCharacter() {
        char c = at < pattern.length() ? pattern.charAt(at) : 'x';
        IntPredicate accepted = switch (c) {
            case 'd' -> PythonPattern::isDigit;
            case 'D' -> other -> !isDigit(other);
            case 'w' -> PythonPattern::isWord;
            case 'W' -> other -> !isWord(other);
            case 's' -> other -> other == ' ' || other >= '\t' && other <= '\r';
            case 'S' -> other -> other != ' ' && (other < '\t' || other > '\r');
            default -> other -> other == c;
        };
        if ("dDwWsS".indexOf(c) < 0 && c < 128 && Character.isLetterOrDigit(c)) {
            throw fault("this escape is not supported");
        }
        at++;
        return accepted;
    }

    private IntPredicate characterClass() {
        boolean not = take('^');
        IntPredicate any = c -> false;
        boolean first = true;
        while (first || at >= pattern.length() || pattern.charAt(at) != ']') {
            if (at >= pattern.length()) {
                throw fault("a [ before this place has no ]");
            }
            first = false;
            any = any.or(anyCase(range()));
        }
        at++;
        return not ? any.negate() : any;
    }

    /** A part of a character class: one character, an escaped kind such as {@code \d}, or a range such as {@code a-z}. */
    private IntPredicate range() {
        boolean kind = pattern.charAt(at) == '\\' && at + 1 < pattern.length() && Character.isLetter(pattern.charAt(at + 1));
        char low = pattern.charAt(at);
        if (take('\\')) {
            low = at < pattern.length() ? pattern.charAt(at) : '\\';
            IntPredicate escaped = escapedCharacter();
            if (kind) {
                return escaped;
            }
        } else {
            at++;
        }
        char from = low;
        boolean rangeFollows = at + 1 < pattern.length() && pattern.charAt(at) == '-' && pattern.charAt(at + 1) != ']';
        if (!rangeFollows) {
            return c -> c == from;
        }
        char to = pattern.charAt(at + 1);
        if (to == '\\' || to < from) {
            throw fault("this range is not supported");
        }
        at += 2;
        return c -> c >= from && c <= to;
    }

    private IntPredicate anyCase(IntPredicate accepted) {
        return !caseless ? accepted : c -> accepted.test(Character.toLowerCase(c)) || accepted.test(Character.toUpperCase(c));
    }

    private static boolean isDigit(int c) {
        return c >= '0' && c <= '9';
    }

    private static boolean isWord(int c) {
        return isDigit(c) || c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
    }

    private boolean take(char c) {
        boolean there = at < pattern.length() && pattern.charAt(at) == c;
        at += there ? 1 : 0;
        return there;
    }

    private PatternSyntaxException fault(String what) {
        return new PatternSyntaxException(what, pattern, at);
    }
}
