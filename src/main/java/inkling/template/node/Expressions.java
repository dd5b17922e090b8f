package inkling.template.node;

import inkling.template.builtin.Attributes;
import inkling.template.builtin.Filters;
import inkling.template.builtin.Tests;
import inkling.template.value.Arguments;
import inkling.template.value.Arithmetic;
import inkling.template.value.Fault;
import inkling.template.value.Printing;
import inkling.template.value.Python;
import inkling.template.value.Subscript;
import inkling.template.value.Text;
import inkling.template.value.TextBuilder;
import inkling.template.value.Values.Dict;
import inkling.template.value.Values.Items;
import inkling.template.value.Values.None;
import inkling.template.value.Values.Undefined;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The kinds of expression. */
public final class Expressions {
    private Expressions() {}

    /** A string, number, true, false or none. */
    public record Literal(Object value) implements Expression {
        @Override
        public Object compute(Scope scope) {
            return value;
        }
    }

    /** A variable. */
    public record Name(String name) implements Expression {
        @Override
        public Object compute(Scope scope) {
            return scope.get(name);
        }
    }

    /** {@code [a, b]}, or {@code (a, b)}. */
    public record Listing(List<Expression> items, boolean isTuple) implements Expression {
        @Override
        public Object compute(Scope scope) {
            return new Items(values(items, scope), isTuple);
        }
    }

    private static List<Object> values(List<Expression> expressions, Scope scope) {
        List<Object> values = new ArrayList<>(expressions.size());
        expressions.forEach(each -> values.add(each.evaluate(scope)));
        return values;
    }

    /** {@code {a: b}}. */
    public record DictListing(List<Map.Entry<Expression, Expression>> entries) implements Expression {
        @Override
        public Object compute(Scope scope) {
            Map<Object, Object> values = new LinkedHashMap<>();
            for (Map.Entry<Expression, Expression> entry : entries) {
                Object key = entry.getKey().evaluate(scope);
                if (key instanceof Boolean || key instanceof Double || key instanceof Undefined) {
                    throw Fault.unsupported("a dict with a key that is a " + Python.type(key));
                }
                values.put(Python.key(key), entry.getValue().evaluate(scope));
            }
            return new Dict(values);
        }
    }

    /** {@code value.name}. */
    public record Attribute(Expression value, String name) implements Expression {
        @Override
        public Object compute(Scope scope) {
            return Attributes.attribute(value.evaluate(scope), name, scope.budget());
        }
    }

    /** {@code value[key]}. */
    public record Item(Expression value, Expression key) implements Expression {
        @Override
        public Object compute(Scope scope) {
            Object container = value.evaluate(scope);
            return Attributes.item(container, key.evaluate(scope), scope.budget());
        }
    }

    /** {@code value[from:to:step]}. A part that is left out is {@link #none}. */
    public record Slice(Expression value, Expression from, Expression to, Expression step) implements Expression {
        @Override
        public Object compute(Scope scope) {
            return Subscript.slice(value.evaluate(scope), from.evaluate(scope), to.evaluate(scope), step.evaluate(scope), scope.budget());
        }
    }

    /** The arguments of a call as they are written: {@code all} is from {@code *all}, {@code named} from {@code **named}. */
    public record ArgumentList(List<Expression> positional, Map<String, Expression> byName, Optional<Expression> all,
                               Optional<Expression> named) {
        public static final ArgumentList NONE = new ArgumentList(List.of(), Map.of(), Optional.empty(), Optional.empty());

        public Arguments evaluate(Scope scope) {
            List<Object> values = values(positional, scope);
            Map<String, Object> names = new LinkedHashMap<>();
            byName.forEach((name, value) -> names.put(name, value.evaluate(scope)));
            all.ifPresent(more -> values.addAll(Python.items(more.evaluate(scope), scope.budget())));
            named.ifPresent(more -> {
                if (!(more.evaluate(scope) instanceof Dict dict) || !dict.entries().keySet().stream()
                    .allMatch(key -> key instanceof Text)) {
                    throw Fault.failed("what follows ** must be a dict with strings as keys.");
                }
                dict.entries().forEach((name, value) -> {
                    if (names.put(name.toString(), value) != null) {
                        throw Fault.failed("the argument %s is given twice.".formatted(name));
                    }
                });
            });
            scope.budget().step(values.size() + names.size());
            return new Arguments(values, names);
        }
    }

    /** {@code function(arguments)}. */
    public record Call(Expression function, ArgumentList arguments) implements Expression {
        @Override
        public Object compute(Scope scope) {
            Object called = function.evaluate(scope);
            return Attributes.call(called, arguments.evaluate(scope), scope.budget());
        }
    }

    /** {@code value | name(arguments)}. */
    public record Filtered(Expression value, String name, ArgumentList arguments) implements Expression {
        @Override
        public Object compute(Scope scope) {
            Object filtered = value.evaluate(scope);
            return Filters.apply(name, filtered, arguments.evaluate(scope), scope.budget());
        }
    }

    /** {@code value is name(arguments)}. */
    public record Tested(Expression value, String name, ArgumentList arguments) implements Expression {
        @Override
        public Object compute(Scope scope) {
            Object tested = value.evaluate(scope);
            return Tests.holds(name, tested, arguments.evaluate(scope), scope.budget());
        }
    }

    /** {@code not value}. */
    public record Not(Expression value) implements Expression {
        @Override
        public Object compute(Scope scope) {
            return !Python.truth(value.evaluate(scope), scope.budget());
        }
    }

    /** {@code -value} or {@code +value}. */
    public record Signed(Expression value, boolean negative) implements Expression {
        @Override
        public Object compute(Scope scope) {
            Object operand = value.evaluate(scope);
            return negative ? Arithmetic.negative(operand) : Arithmetic.positive(operand);
        }
    }

    /** {@code left + right}, {@code left - right} … */
    public record Binary(Arithmetic operator, Expression left, Expression right) implements Expression {
        @Override
        public Object compute(Scope scope) {
            Object first = left.evaluate(scope);
            return operator.of(first, right.evaluate(scope), scope.budget());
        }
    }

    /** {@code left and right}, {@code left or right}: one of the two values, as in Python. */
    public record Either(Expression left, Expression right, boolean isOr) implements Expression {
        @Override
        public Object compute(Scope scope) {
            Object first = left.evaluate(scope);
            return Python.truth(first, scope.budget()) == isOr ? first : right.evaluate(scope);
        }
    }

    /** {@code a < b == c}: each neighbouring pair must hold. */
    public record Comparison(Expression first, List<Comparator> operators, List<Expression> rest) implements Expression {
        @Override
        public Object compute(Scope scope) {
            Object left = first.evaluate(scope);
            for (int i = 0; i < rest.size(); i++) {
                Object right = rest.get(i).evaluate(scope);
                if (!operators.get(i).holds(left, right, scope.budget())) {
                    return false;
                }
                left = right;
            }
            return true;
        }
    }

    /** {@code value if condition else other}. */
    public record Conditional(Expression condition, Expression value, Optional<Expression> other) implements Expression {
        @Override
        public Object compute(Scope scope) {
            if (Python.truth(condition.evaluate(scope), scope.budget())) {
                return value.evaluate(scope);
            }
            return other.isPresent() ? other.get().evaluate(scope)
                : new Undefined("the condition of the inline if is false, and it has no else");
        }
    }

    /** {@code a ~ b}: the texts that a template would print for the parts, joined. */
    public record Concatenation(List<Expression> parts) implements Expression {
        @Override
        public Object compute(Scope scope) {
            TextBuilder out = new TextBuilder();
            for (Expression part : parts) {
                Text text = Printing.text(part.evaluate(scope), scope.budget());
                scope.budget().characters(text.length() + text.runs());
                out.add(text);
            }
            return out.build();
        }
    }

    /** The expression for a part of a slice that is left out. */
    public static Expression none() {
        return new Literal(None.NONE);
    }
}
