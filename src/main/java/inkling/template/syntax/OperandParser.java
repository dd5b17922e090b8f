package inkling.template.syntax;

import inkling.template.builtin.Filters;
import inkling.template.builtin.Tests;
import inkling.template.node.Expression;
import inkling.template.node.Expressions;
import inkling.template.node.Expressions.ArgumentList;
import inkling.template.node.Statements.BlockFilter;
import inkling.template.syntax.Token.Kind;
import inkling.template.value.Fault;
import inkling.template.value.Text;
import inkling.template.value.Values.None;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Parses operands: literals, names, lists and dicts. Also parses the subscripts, calls, filters and tests after them. */
final class OperandParser {
    /** Tokens that can begin the argument of a test without parentheses: {@code x is divisibleby 3}. So can '[' and '{'. */
    private static final Set<Kind> BEGIN_ARGUMENT = Set.of(Kind.NAME, Kind.STRING, Kind.INTEGER, Kind.FLOAT);

    private final TemplateTokens tokens;
    private final Names names;
    private final ExpressionParser expressions;

    OperandParser(TemplateTokens tokens, Names names, ExpressionParser expressions) {
        this.tokens = tokens;
        this.names = names;
        this.expressions = expressions;
    }

    /** Parses a literal, name, list, dict, or expression in parentheses. */
    Expression primary() {
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
                    Expression inner = tokens.isOperator(")") ? new Expressions.Listing(List.of(), true) : expressions.tuple(true);
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
        String digits = token.text().toLowerCase(Locale.ROOT);
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
            items.add(expressions.expression());
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
            Expression key = expressions.expression();
            tokens.expectOperator(":");
            entries.add(Map.entry(key, expressions.expression()));
            if (!tokens.isOperator("}")) {
                tokens.expectOperator(",");
            }
        }
        tokens.expectOperator("}");
        return new Expressions.DictListing(entries);
    }

    /** Parses the attributes, subscripts and calls after {@code value}. */
    Expression postfix(Expression value) {
        Expression result = value;
        while (true) {
            if (tokens.skipOperator(".")) {
                Token name = tokens.take();
                result = switch (name.kind()) {
                    case NAME -> new Expressions.Attribute(result, name.text());
                    case INTEGER -> new Expressions.Item(result, new Expressions.Literal(whole(name)));
                    default -> throw Fault.failed("found %s after a dot, expected a name or number.".formatted(name.shown()))
                        .at(name.line());
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
        if (tokens.skipOperator("]")) {
            return new Expressions.Item(value, new Expressions.Listing(List.of(), true));   // as in Jinja, the key is an empty tuple
        }
        Expression from = tokens.isOperator(":") ? Expressions.none() : expressions.expression();
        if (!tokens.skipOperator(":")) {
            if (tokens.isOperator(",")) {
                throw Fault.unsupported("a subscript of several values").at(tokens.current().line());
            }
            tokens.expectOperator("]");
            return new Expressions.Item(value, from);
        }
        Expression to = tokens.isOperator(":") || tokens.isOperator("]") ? Expressions.none() : expressions.expression();
        Expression step = !tokens.skipOperator(":") || tokens.isOperator("]") ? Expressions.none() : expressions.expression();
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
                all = Optional.of(expressions.expression());
            } else if (tokens.skipOperator("**")) {
                ordered = named.isEmpty();
                named = Optional.of(expressions.expression());
            } else if (tokens.current().kind() == Kind.NAME && tokens.ahead().isOperator("=")) {
                String name = tokens.take().text();
                tokens.take();
                ordered = named.isEmpty() && byName.put(name, expressions.expression()) == null;
            } else {
                ordered = all.isEmpty() && named.isEmpty() && byName.isEmpty();
                positional.add(expressions.expression());
            }
            if (!ordered) {
                throw Fault.failed("a call repeats an argument, or has arguments in an order that Python does not allow.").at(line);
            }
            if (!tokens.isOperator(")")) {
                tokens.expectOperator(",");
            }
        }
        tokens.expectOperator(")");
        return new ArgumentList(positional, byName, all, named);
    }

    /** Parses the filters and tests after {@code value}, and calls of what they give. */
    Expression filtersAndTests(Expression value) {
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

    /** Parses {@code | name(arguments)}, with or without the bar. */
    BlockFilter filter() {
        tokens.skipOperator("|");
        Token name = tokens.expect(Kind.NAME, "the name of a filter");
        String full = dotted(name.text());
        ArgumentList arguments = tokens.isOperator("(") ? arguments() : ArgumentList.NONE;
        if (!Filters.isKnown(full)) {
            names.unknown(Fault.failed("there is no filter named %s.".formatted(full)).at(name.line()));
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
        if (!Tests.isKnown(full)) {
            names.unknown(Fault.failed("there is no test named %s.".formatted(full)).at(name.line()));
        }
        Expression test = new Expressions.Tested(value, full, arguments);
        return negated ? new Expressions.Not(test) : test;
    }
}
