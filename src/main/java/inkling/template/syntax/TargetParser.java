package inkling.template.syntax;

import inkling.template.node.Target;
import inkling.template.syntax.Token.Kind;
import inkling.template.value.Fault;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Parses the targets of an assignment or a loop. */
final class TargetParser {
    private static final Set<String> CONSTANTS = Set.of("true", "false", "none", "True", "False", "None");

    private final TemplateTokens tokens;

    TargetParser(TemplateTokens tokens) {
        this.tokens = tokens;
    }

    /**
     * Parses a name, {@code name.attribute}, or several of them with commas between. Parentheses may stand around any of these.
     *
     * @param end the word after the target; a comma may precede it
     */
    Target target(Optional<String> end) {
        List<Target> targets = new ArrayList<>();
        boolean comma = false;
        do {
            if (tokens.current().kind() == Kind.BLOCK_END || tokens.isOperator("=") || tokens.isOperator(")")
                || end.isPresent() && tokens.isName(end.get())) {
                break;
            }
            targets.add(oneTarget());
            comma |= tokens.isOperator(",");
        } while (tokens.skipOperator(","));
        if (targets.isEmpty()) {
            throw tokens.unexpected("a name");
        }
        return comma ? new Target.Several(targets) : targets.get(0);
    }

    private Target oneTarget() {
        if (tokens.skipOperator("(")) {
            tokens.enter();
            Target inner = target(Optional.empty());
            tokens.leave();
            tokens.expectOperator(")");
            return inner;
        }
        Token name = newName("a name");
        if (tokens.skipOperator(".")) {
            return new Target.OfNamespace(name.text(), tokens.expect(Kind.NAME, "an attribute").text());
        }
        return new Target.Variable(name.text());
    }

    /**
     * Parses a name that may be set.
     *
     * @param what how messages describe the name
     */
    Token newName(String what) {
        Token name = tokens.expect(Kind.NAME, what);
        if (CONSTANTS.contains(name.text()) || name.text().equals("loop")) {
            throw Fault.failed("%s cannot be assigned to.".formatted(name.text())).at(name.line());
        }
        return name;
    }
}
