package inkling.template.syntax;

import inkling.template.builtin.WhiteSpace;
import inkling.template.syntax.Token.Kind;
import inkling.template.value.Fault;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Cuts a template into tokens. As in Jinja with {@code trim_blocks} and {@code lstrip_blocks}, some white space is dropped:
 * <ul>
 * <li>A line end after a block or comment, but not after {@code {% raw %}}.
 * <li>Blanks between the beginning of a line and a block or comment.
 * <li>One line end at the end of the template.
 * </ul>
 * A {@code -} at the beginning or end of a tag drops all white space on that side; a {@code +} there keeps it.
 */
final class Lexer {
    private static final Pattern FLOAT =
        Pattern.compile("(?<!\\.)[0-9]++(?:_[0-9]++)*+(?:(?:\\.[0-9]++(?:_[0-9]++)*+)?[eE][+-]?[0-9]++(?:_[0-9]++)*+"
        + "|\\.[0-9]++(?:_[0-9]++)*+)");
    private static final Pattern INTEGER =
        Pattern.compile("0[bB](?:_?[01])++|0[oO](?:_?[0-7])++|0[xX](?:_?[0-9a-fA-F])++|[1-9](?:_?[0-9])*+"
        + "|0(?:_?0)*+");
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_]++");
    private static final Pattern RAW = Pattern.compile("\\{%([-+]?)\\s*raw\\s*(?:(-)%\\}|%\\})");
    private static final Pattern END_RAW = Pattern.compile("\\{%([-+]?)\\s*endraw\\s*([-+]?)%\\}");
    private static final List<String> OPERATORS = List.of("//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[",
        "]", "(", ")",
        "{", "}", ">", "<", "=", ".", ":", "|", ",", ";");

    private final String source;
    private final List<Token> tokens = new ArrayList<>();
    private int at;
    private int counted;   // the lines up to this index are counted
    private int line = 1;
    private boolean lineStarts = true;   // whether a line begins at the end of the last tag

    private Lexer(String source) {
        String lines = source.replace("\r\n", "\n").replace('\r', '\n');
        this.source = lines.endsWith("\n") ? lines.substring(0, lines.length() - 1) : lines;
    }

    /**
     * All tokens of a template; the last is {@link Kind#END}.
     *
     * @throws Fault with the line, if a tag, string or character is wrong
     */
    static List<Token> tokens(String source) {
        Lexer lexer = new Lexer(source);
        while (lexer.at < lexer.source.length()) {
            lexer.next();
        }
        lexer.add(Kind.END, "", lexer.source.length());
        return lexer.tokens;
    }

    private void add(Kind kind, String text, int start) {
        tokens.add(new Token(kind, text, lineOf(start)));
    }

    private int lineOf(int position) {
        for (; counted < position; counted++) {
            line += source.charAt(counted) == '\n' ? 1 : 0;
        }
        return line;
    }

    private Fault wrong(String what, int position) {
        return Fault.failed(what).at(lineOf(position));
    }

    /**
     * Adds the text up to the next tag, then the tokens of that tag: none for a comment, and the text up to {@code {% endraw %}} for
     * {@code {% raw %}}.
     */
    private void next() {
        int tag = source.indexOf('{', at);
        while (tag >= 0 && (tag + 1 == source.length() || "%{#".indexOf(source.charAt(tag + 1)) < 0)) {
            tag = source.indexOf('{', tag + 1);
        }
        if (tag < 0) {
            data(at, source.length());
            at = source.length();
            return;
        }
        char sign = tag + 2 < source.length() && "-+".indexOf(source.charAt(tag + 2)) >= 0 ? source.charAt(tag + 2) : ' ';
        data(at, stripped(tag, sign, source.charAt(tag + 1) != '{'));
        Matcher raw = RAW.matcher(source).region(tag, source.length());
        if (raw.lookingAt()) {
            raw(raw);
            return;
        }
        at = tag + (sign == ' ' ? 2 : 3);
        switch (source.charAt(tag + 1)) {
            case '#' -> comment(tag);
            case '{' -> inside(tag, Kind.VARIABLE_BEGIN, "}}", Kind.VARIABLE_END);
            default -> inside(tag, Kind.BLOCK_BEGIN, "%}", Kind.BLOCK_END);
        }
    }

    private void data(int from, int to) {
        if (from < to) {
            add(Kind.DATA, source.substring(from, to), from);
        }
    }

    /**
     * The index where the text before a tag ends once its white space is dropped.
     *
     * @param sign the {@code -} or {@code +} at the beginning of the tag, else a space
     * @param block whether the tag is a block or comment
     */
    private int stripped(int tag, char sign, boolean block) {
        int end = tag;
        while (end > at && WhiteSpace.is(source.charAt(end - 1))) {
            end--;
        }
        if (sign == '-') {
            return end;
        }
        int lineStart = source.lastIndexOf('\n', tag - 1) + 1;
        boolean onlyBlanks = lineStart > at ? end <= lineStart : end == at && lineStarts;
        return block && sign != '+' && onlyBlanks ? Math.max(lineStart, at) : tag;
    }

    private void raw(Matcher begin) {
        at = begin.group(2) == null ? begin.end() : afterWhiteSpace(begin.end());
        lineStarts = source.charAt(at - 1) == '\n';
        Matcher end = END_RAW.matcher(source);
        if (!end.find(at)) {
            throw wrong("raw is never ended.", begin.start());
        }
        data(at, stripped(end.start(), end.group(1).isEmpty() ? ' ' : end.group(1).charAt(0), true));
        endTag(end.end(), end.group(2).isEmpty() ? ' ' : end.group(2).charAt(0), true);
    }

    private void comment(int tag) {
        int end = source.indexOf("#}", at);
        if (end < 0) {
            throw wrong("the comment is never ended.", tag);
        }
        char sign = end > at && "-+".indexOf(source.charAt(end - 1)) >= 0 ? source.charAt(end - 1) : ' ';
        endTag(end + 2, sign, true);
    }

    /**
     * Moves to the end of a tag, and past the white space that is dropped after it.
     *
     * @param sign the {@code -} or {@code +} at the end of the tag, else a space
     */
    private void endTag(int end, char sign, boolean block) {
        at = sign == '-' ? afterWhiteSpace(end) : block && sign != '+' && source.startsWith("\n", end) ? end + 1 : end;
        lineStarts = source.charAt(at - 1) == '\n';
    }

    private int afterWhiteSpace(int from) {
        int end = from;
        while (end < source.length() && WhiteSpace.is(source.charAt(end))) {
            end++;
        }
        return end;
    }

    /**
     * Adds the tokens of a tag: {@code begin}, the tokens inside, and {@code last}.
     *
     * @param end the characters that close the tag
     */
    private void inside(int tag, Kind begin, String end, Kind last) {
        add(begin, "", tag);
        Deque<Character> open = new ArrayDeque<>();
        while (true) {
            at = afterWhiteSpace(at);
            if (at == source.length()) {
                throw wrong("the tag is never ended.", tag);
            }
            char c = source.charAt(at);
            boolean signed = c == '-' || c == '+' && last == Kind.BLOCK_END;
            if (open.isEmpty() && source.startsWith(end, signed ? at + 1 : at)) {
                add(last, "", at);
                endTag(at + (signed ? 3 : 2), signed ? c : ' ', last == Kind.BLOCK_END);
                return;
            }
            if (!matched(FLOAT, Kind.FLOAT) && !matched(INTEGER, Kind.INTEGER) && !matched(NAME, Kind.NAME)) {
                if (c == '\'' || c == '"') {
                    string(c);
                } else {
                    operator(open);
                }
            }
        }
    }

    private boolean matched(Pattern pattern, Kind kind) {
        Matcher matcher = pattern.matcher(source).region(at, source.length()).useTransparentBounds(true);
        if (!matcher.lookingAt()) {
            return false;
        }
        add(kind, kind == Kind.NAME ? matcher.group() : matcher.group().replace("_", ""), at);
        at = matcher.end();
        return true;
    }

    private void operator(Deque<Character> open) {
        String operator = OPERATORS.stream().filter(each -> source.startsWith(each, at)).findFirst()
            .orElseThrow(() -> wrong("the character '%s' has no meaning here.".formatted(Character.toString(source.codePointAt(at))), at));
        if ("([{".contains(operator)) {
            open.push(operator.equals("(") ? ')' : operator.equals("[") ? ']' : '}');
        } else if (")]}".contains(operator) && (open.isEmpty() || open.pop() != operator.charAt(0))) {
            throw wrong("'%s' closes nothing.".formatted(operator), at);
        }
        add(Kind.OPERATOR, operator, at);
        at += operator.length();
    }

    private void string(char quote) {
        int end = at + 1;
        while (end < source.length() && source.charAt(end) != quote) {
            end += source.charAt(end) == '\\' ? 2 : 1;
        }
        if (end >= source.length()) {
            throw wrong("the string is never ended.", at);
        }
        try {
            add(Kind.STRING, StringEscapes.unescape(source.substring(at + 1, end)), at);
        } catch (Fault fault) {
            throw fault.at(lineOf(at));
        }
        at = end + 1;
    }
}
