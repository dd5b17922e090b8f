package inkling.template.syntax;

import inkling.template.syntax.Token.Kind;
import inkling.template.value.Fault;
import java.util.List;

/** Tokens, of which the first that was not taken is looked at. Counts how deep the parser is. */
final class TemplateTokens {
    private static final int MOST_DEPTH = 100;

    private final List<Token> tokens;
    private int at;
    private int depth;

    TemplateTokens(List<Token> tokens) {
        this.tokens = tokens;
    }

    Token current() {
        return tokens.get(at);
    }

    Token ahead() {
        return tokens.get(Math.min(at + 1, tokens.size() - 1));
    }

    Token take() {
        return current().kind() == Kind.END ? current() : tokens.get(at++);
    }

    boolean isOperator(String sign) {
        return current().isOperator(sign);
    }

    boolean isName(String word) {
        return current().isName(word);
    }

    /** Takes the operator if it is the next token. */
    boolean skipOperator(String sign) {
        boolean there = isOperator(sign);
        at += there ? 1 : 0;
        return there;
    }

    /** Takes the word if it is the next token. */
    boolean skipName(String word) {
        boolean there = isName(word);
        at += there ? 1 : 0;
        return there;
    }

    void expectOperator(String sign) {
        if (!skipOperator(sign)) {
            throw unexpected("'" + sign + "'");
        }
    }

    void expectName(String word) {
        if (!skipName(word)) {
            throw unexpected("'" + word + "'");
        }
    }

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
            throw Fault.limit("the template is written with more than %d levels.".formatted(MOST_DEPTH)).at(current().line());
        }
    }

    void leave() {
        depth--;
    }
}
