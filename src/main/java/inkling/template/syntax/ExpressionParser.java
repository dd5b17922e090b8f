package inkling.template.syntax;

import inkling.template.node.Comparator;
import inkling.template.node.Expression;
import inkling.template.node.Expressions;
import inkling.template.syntax.Token.Kind;
import inkling.template.value.Arithmetic;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Parses expressions. Each level of precedence has a method. The loosest level is the inline if, the tightest is an operand. */
final class ExpressionParser {
    private static final Map<String, Comparator> COMPARATORS = Map.of("==", Comparator.EQUAL, "!=", Comparator.NOT_EQUAL, "<",
        Comparator.LESS,
        "<=", Comparator.LESS_OR_EQUAL, ">", Comparator.GREATER, ">=", Comparator.GREATER_OR_EQUAL);

    private final TemplateTokens tokens;
    private final Names names;
    private final OperandParser operands;

    ExpressionParser(TemplateTokens tokens, Names names) {
        this.tokens = tokens;
        this.names = names;
        operands = new OperandParser(tokens, names, this);
    }

    OperandParser operands() {
        return operands;
    }

    /**
     * Parses one expression, or a tuple such as {@code a, b} or {@code a,}.
     *
     * @param withCondition whether inline ifs may stand in it
     */
    Expression tuple(boolean withCondition) {
        List<Expression> items = new ArrayList<>();
        boolean comma = false;
        while (!isTupleEnd()) {
            items.add(withCondition ? expression() : or());
            if (!tokens.skipOperator(",")) {
                break;
            }
            comma = true;
        }
        if (items.isEmpty()) {
            throw tokens.unexpected("an expression");
        }
        return comma ? new Expressions.Listing(items, true) : items.get(0);
    }

    private boolean isTupleEnd() {
        return tokens.current().kind() == Kind.VARIABLE_END || tokens.current().kind() == Kind.BLOCK_END || tokens.isOperator(")")
            || tokens.isName("recursive");
    }

    /** Parses one expression, in which inline ifs may stand. */
    Expression expression() {
        tokens.enter();
        int unknown = names.unknown();
        Expression value = or();
        while (tokens.skipName("if")) {
            // in the value, condition and else of an inline if, an unknown filter or test is an error only if it runs
            names.forgiveAfter(unknown);
            boolean before = names.conditional(true);
            Expression condition = or();
            Optional<Expression> other = tokens.skipName("else") ? Optional.of(expression()) : Optional.empty();
            value = new Expressions.Conditional(condition, value, other);
            names.conditional(before);
        }
        tokens.leave();
        return value;
    }

    private Expression or() {
        Expression left = and();
        while (tokens.skipName("or")) {
            left = new Expressions.Either(left, and(), true);
        }
        return left;
    }

    private Expression and() {
        Expression left = not();
        while (tokens.skipName("and")) {
            left = new Expressions.Either(left, not(), false);
        }
        return left;
    }

    private Expression not() {
        if (!tokens.skipName("not")) {
            return comparison();
        }
        tokens.enter();
        Expression value = not();
        tokens.leave();
        return new Expressions.Not(value);
    }

    private Expression comparison() {
        Expression first = sum();
        List<Comparator> operators = new ArrayList<>();
        List<Expression> rest = new ArrayList<>();
        for (Optional<Comparator> operator = comparator(); operator.isPresent(); operator = comparator()) {
            operators.add(operator.get());
            rest.add(sum());
        }
        return rest.isEmpty() ? first : new Expressions.Comparison(first, operators, rest);
    }

    private Optional<Comparator> comparator() {
        Token token = tokens.current();
        if (token.kind() == Kind.OPERATOR && COMPARATORS.containsKey(token.text())) {
            return Optional.of(COMPARATORS.get(tokens.take().text()));
        }
        if (tokens.skipName("in")) {
            return Optional.of(Comparator.IN);
        }
        if (tokens.isName("not") && tokens.ahead().isName("in")) {
            tokens.take();
            tokens.take();
            return Optional.of(Comparator.NOT_IN);
        }
        return Optional.empty();
    }

    private Expression sum() {
        Expression left = concatenation();
        while (tokens.isOperator("+") || tokens.isOperator("-")) {
            Arithmetic operator = tokens.take().text().equals("+") ? Arithmetic.ADD : Arithmetic.SUBTRACT;
            left = new Expressions.Binary(operator, left, concatenation());
        }
        return left;
    }

    private Expression concatenation() {
        List<Expression> parts = new ArrayList<>(List.of(product()));
        while (tokens.skipOperator("~")) {
            parts.add(product());
        }
        return parts.size() == 1 ? parts.get(0) : new Expressions.Concatenation(parts);
    }

    private Expression product() {
        Expression left = power();
        while (true) {
            Arithmetic operator = tokens.isOperator("*") ? Arithmetic.MULTIPLY : tokens.isOperator("/") ? Arithmetic.DIVIDE
                : tokens.isOperator("//") ? Arithmetic.FLOOR_DIVIDE : tokens.isOperator("%") ? Arithmetic.MODULO : null;
            if (operator == null) {
                return left;
            }
            tokens.take();
            left = new Expressions.Binary(operator, left, power());
        }
    }

    private Expression power() {
        Expression left = unary(true);
        while (tokens.skipOperator("**")) {
            left = new Expressions.Binary(Arithmetic.POWER, left, unary(true));
        }
        return left;
    }

    /**
     * Parses an operand with its signs.
     *
     * @param filters whether filters and tests may follow. After a sign they may not, so that {@code -x|abs} is {@code (-x)|abs}
     */
    private Expression unary(boolean filters) {
        Expression value;
        if (tokens.isOperator("-") || tokens.isOperator("+")) {
            boolean negative = tokens.take().text().equals("-");
            tokens.enter();
            value = new Expressions.Signed(unary(false), negative);
            tokens.leave();
        } else {
            value = operands.primary();
        }
        value = operands.postfix(value);
        return filters ? operands.filtersAndTests(value) : value;
    }
}
