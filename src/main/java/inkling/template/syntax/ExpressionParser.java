package inkling.template.syntax;

import inkling.template.builtin.Filters;
import inkling.template.builtin.Tests;
import inkling.template.node.Comparator;
import inkling.template.node.Expression;
import inkling.template.node.Expressions;
import inkling.template.node.Expressions.ArgumentList;
import inkling.template.node.Statements.BlockFilter;
import inkling.template.syntax.Token.Kind;
import inkling.template.value.Arithmetic;
import inkling.template.value.Fault;
import inkling.template.value.Text;
import inkling.template.value.Values.None;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads expressions. Each method reads one level of precedence, from the loosest, the inline if, to the tightest. */
final class ExpressionParser {
    private static final Set<Kind> BEGIN_ARGUMENT = Set.of(Kind.NAME, Kind.STRING, Kind.INTEGER, Kind.FLOAT);
    private static final Map<String, Comparator> COMPARATORS = Map.of("==", Comparator.EQUAL, "!=", Comparator.NOT_EQUAL, "<", Comparator.LESS,
        "<=", Comparator.LESS_OR_EQUAL, ">", Comparator.GREATER, ">=", Comparator.GREATER_OR_EQUAL);

    private final TokenStream tokens;
    private final Names names;

    ExpressionParser(TokenStream tokens, Names names) {
        this.tokens = tokens;
        this.names = names;
    }

    /** One expression, or several with commas between them, which are a tuple. */
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

    /** With an inline if. */
    Expression expression() {
        tokens.enter();
        boolean before = names.isConditional();
        Expression value = or();
        while (tokens.isName("if")) {
            tokens.take();
            names.conditional(true);
            Expression condition = or();
            Optional<Expression> other = tokens.skipName("else") ? Optional.of(expression()) : Optional.empty();
            value = new Expressions.Conditional(condition, value, other);
        }
        names.conditional(before);
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

    /** @param filters whether filters and tests may follow: not behind a sign, so that {@code -x|abs} is {@code (-x)|abs} */
    private Expression unary(boolean filters) {
        Expression value;
        if (tokens.isOperator("-") || tokens.isOperator("+")) {
            boolean negative = tokens.take().text().equals("-");
            tokens.enter();
            value = new Expressions.Signed(unary(false), negative);
            tokens.leave();
        } else {
            value = primary();
        }
        value = postfix(value);
        return filters ? filtersAndTests(value) : value;
    }

    private Expression primary() {
        Token token = tokens.current();
        switch (token.kind()) {
            case NAME:
                tokens.take();
                return named(token.text());
            case STRING:
                StringBuilder text = new StringBuilder();
                while (tokens.current().kind() == Kind.STRING) {
                    text.append(tokens.take().text());
                }
                return new Expressions.Literal(Text.template(text.toString()));
            case INTEGER:
                tokens.take();
                return new Expressions.Literal(whole(token));
            case FLOAT:
                tokens.take();
                return new Expressions.Literal(Double.valueOf(token.text()));
            default:
                if (tokens.skipOperator("(")) {
                    Expression inner = tokens.isOperator(")") ? new Expressions.Listing(List.of(), true) : tuple(true);
                    tokens.expectOperator(")");
                    return inner;
                }
                return tokens.isOperator("[") ? list() : tokens.isOperator("{") ? dict() : fail("an expression");
        }
    }

    private Expression fail(String expected) {
        throw tokens.unexpected(expected);
    }

    private Expression named(String name) {
        switch (name) {
            case "true", "True":
                return new Expressions.Literal(true);
            case "false", "False":
                return new Expressions.Literal(false);
            case "none", "None":
                return new Expressions.Literal(None.NONE);
            default:
                names.load(name);
                return new Expressions.Name(name);
        }
    }

    private static long whole(Token token) {
        String digits = token.text().toLowerCase(java.util.Locale.ROOT);
        try {
            return digits.startsWith("0x") ? Long.parseLong(digits.substring(2), 16) : digits.startsWith("0o")
                ? Long.parseLong(digits.substring(2), 8) : digits.startsWith("0b") ? Long.parseLong(digits.substring(2), 2)
                : Long.parseLong(digits);
        } catch (NumberFormatException e) {
            throw Fault.unsupported("a whole number of more than 64 bits").at(token.line());
        }
    }

    private Expression list() {
        tokens.expectOperator("[");
        List<Expression> items = new ArrayList<>();
        while (!tokens.isOperator("]")) {
            items.add(expression());
            if (!tokens.isOperator("]")) {
                tokens.expectOperator(",");
            }
        }
        tokens.expectOperator("]");
        return new Expressions.Listing(items, false);
    }

    private Expression dict() {
        tokens.expectOperator("{");
        List<Map.Entry<Expression, Expression>> entries = new ArrayList<>();
        while (!tokens.isOperator("}")) {
            Expression key = expression();
            tokens.expectOperator(":");
            entries.add(Map.entry(key, expression()));
            if (!tokens.isOperator("}")) {
                tokens.expectOperator(",");
            }
        }
        tokens.expectOperator("}");
        return new Expressions.DictListing(entries);
    }

    private Expression postfix(Expression value) {
        Expression result = value;
        while (true) {
            if (tokens.skipOperator(".")) {
                Token name = tokens.take();
                result = switch (name.kind()) {
                    case NAME -> new Expressions.Attribute(result, name.text());
                    case INTEGER -> new Expressions.Item(result, new Expressions.Literal(whole(name)));
                    default -> throw Fault.failed("found %s behind a dot, expected a name or number.".formatted(name.shown())).at(name.line());
                };
            } else if (tokens.isOperator("[")) {
                result = subscript(result);
            } else if (tokens.isOperator("(")) {
                result = new Expressions.Call(result, arguments());
            } else {
                return result;
            }
        }
    }

    private Expression subscript(Expression value) {
        tokens.expectOperator("[");
        Expression from = tokens.isOperator(":") ? Expressions.none() : expression();
        if (!tokens.skipOperator(":")) {
            if (tokens.isOperator(",")) {
                throw Fault.unsupported("a subscript of several values").at(tokens.current().line());
            }
            tokens.expectOperator("]");
            return new Expressions.Item(value, from);
        }
        Expression to = tokens.isOperator(":") || tokens.isOperator("]") ? Expressions.none() : expression();
        Expression step = !tokens.skipOperator(":") || tokens.isOperator("]") ? Expressions.none() : expression();
        tokens.expectOperator("]");
        return new Expressions.Slice(value, from, to, step);
    }

    private ArgumentList arguments() {
        tokens.expectOperator("(");
        List<Expression> positional = new ArrayList<>();
        Map<String, Expression> byName = new LinkedHashMap<>();
        Optional<Expression> all = Optional.empty();
        Optional<Expression> named = Optional.empty();
        while (!tokens.isOperator(")")) {
            int line = tokens.current().line();
            boolean ordered = true;
            if (tokens.skipOperator("*")) {
                ordered = all.isEmpty() && named.isEmpty();
                all = Optional.of(expression());
            } else if (tokens.skipOperator("**")) {
                ordered = named.isEmpty();
                named = Optional.of(expression());
            } else if (tokens.current().kind() == Kind.NAME && tokens.ahead().isOperator("=")) {
                String name = tokens.take().text();
                tokens.take();
                ordered = named.isEmpty() && byName.put(name, expression()) == null;
            } else {
                ordered = all.isEmpty() && named.isEmpty() && byName.isEmpty();
                positional.add(expression());
            }
            if (!ordered) {
                throw Fault.failed("the arguments of a call are in no possible order.").at(line);
            }
            if (!tokens.isOperator(")")) {
                tokens.expectOperator(",");
            }
        }
        tokens.expectOperator(")");
        return new ArgumentList(positional, byName, all, named);
    }

    private Expression filtersAndTests(Expression value) {
        Expression result = value;
        while (true) {
            if (tokens.isOperator("|")) {
                BlockFilter filter = filter();
                result = new Expressions.Filtered(result, filter.name(), filter.arguments());
            } else if (tokens.isName("is")) {
                result = test(result);
            } else if (tokens.isOperator("(")) {
                result = new Expressions.Call(result, arguments());
            } else {
                return result;
            }
        }
    }

    /** {@code | name(arguments)}; the bar is taken if it is there. */
    BlockFilter filter() {
        tokens.skipOperator("|");
        Token name = tokens.expect(Kind.NAME, "the name of a filter");
        String full = dotted(name.text());
        ArgumentList arguments = tokens.isOperator("(") ? arguments() : ArgumentList.NONE;
        if (!Filters.isKnown(full) && !names.isConditional()) {
            throw Fault.failed("there is no filter named %s.".formatted(full)).at(name.line());
        }
        return new BlockFilter(full, arguments);
    }

    private String dotted(String first) {
        StringBuilder name = new StringBuilder(first);
        while (tokens.skipOperator(".")) {
            name.append('.').append(tokens.expect(Kind.NAME, "a name").text());
        }
        return name.toString();
    }

    private Expression test(Expression value) {
        tokens.expectName("is");
        boolean negated = tokens.skipName("not");
        Token name = tokens.expect(Kind.NAME, "the name of a test");
        String full = dotted(name.text());
        ArgumentList arguments = ArgumentList.NONE;
        boolean begins = BEGIN_ARGUMENT.contains(tokens.current().kind()) || tokens.isOperator("[") || tokens.isOperator("{");
        boolean word = tokens.isName("else") || tokens.isName("or") || tokens.isName("and");
        if (tokens.isOperator("(")) {
            arguments = arguments();
        } else if (begins && !word) {
            if (tokens.isName("is")) {
                throw Fault.failed("tests with 'is' cannot follow one another.").at(name.line());
            }
            arguments = new ArgumentList(List.of(postfix(primary())), Map.of(), Optional.empty(), Optional.empty());
        }
        if (!Tests.isKnown(full) && !names.isConditional()) {
            throw Fault.failed("there is no test named %s.".formatted(full)).at(name.line());
        }
        Expression test = new Expressions.Tested(value, full, arguments);
        return negated ? new Expressions.Not(test) : test;
    }
}
