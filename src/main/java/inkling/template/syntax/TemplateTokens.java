package inkling.template.syntax;

import inkling.template.syntax.Token.Kind;
import inkling.template.value.Fault;
import java.util.List;

/** The tokens of a template, which the parser takes one by one, and how deeply the code that it parses is nested. */
final class TemplateTokens {
    private static final int MOST_DEPTH = 100;

    private final List<Token> tokens;
    private int at;
    private int depth;

    TemplateTokens(List<Token> tokens) {
        this.tokens = tokens;
    }

    /** The next token. It is not taken. */
    Token current() {
        return tokens.get(at);
    }

    /** The token after {@link #current}. */
    Token ahead() {
        return tokens.get(Math.min(at + 1, tokens.size() - 1));
    }

    Token take() {
        return current().kind() == Kind.END ? current() : tokens.get(at++);
    }

    boolean isOperator(String operator) {
        return current().isOperator(operator);
    }

    boolean isName(String word) {
        return current().isName(word);
    }

    /** Takes the operator if it is the next token. */
    boolean skipOperator(String operator) {
        boolean there = isOperator(operator);
        at += there ? 1 : 0;
        return there;
    }

    /** Takes the word if it is the next token. */
    boolean skipName(String word) {
        boolean there = isName(word);
        at += there ? 1 : 0;
        return there;
    }

    void expectOperator(String operator) {
        if (!skipOperator(operator)) {
            throw unexpected("'" + operator + "'");
        }
    }

    void expectName(String word) {
        if (!skipName(word)) {
            throw unexpected("'" + word + "'");
        }
    }

    /**
     * Takes the next token, which must be of this kind.
     *
     * @param what how messages describe the token
     */
    Token expect(Kind kind, String what) {
        if (current().kind() != kind) {
            throw unexpected(what);
        }
        return take();
    }

    Fault unexpected(String expected) {
        return Fault.failed("found %s, expected %s.".formatted(current().shown(), expected)).at(current().line());
    }

    void enter() {
        if (++depth > MOST_DEPTH) {
            throw Fault.limit("the template has more than %d levels of nesting.".formatted(MOST_DEPTH)).at(current().line());
        }
    }

    void leave() {
        depth--;
    }
}
