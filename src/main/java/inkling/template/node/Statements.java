package inkling.template.node;

import inkling.template.builtin.Attributes;
import inkling.template.builtin.Filters;
import inkling.template.node.Expressions.ArgumentList;
import inkling.template.node.Expressions.Call;
import inkling.template.node.Statement.Block;
import inkling.template.value.Arguments;
import inkling.template.value.Printing;
import inkling.template.value.Python;
import inkling.template.value.Text;
import inkling.template.value.TextBuilder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The kinds of statement. {@link ForLoop} runs the loops, {@link Macro} the macros. */
public final class Statements {
    private Statements() {}

    /** Text of the template itself, and the values of {@code {{ … }}}. */
    public record Print(int line, Expression value) implements Statement {
        @Override
        public Flow execute(Scope scope, TextBuilder out) {
            write(value.evaluate(scope), scope, out);
            return Flow.NEXT;
        }
    }

    private static void write(Object value, Scope scope, TextBuilder out) {
        Text text = Printing.text(value, scope.budget());
        scope.budget().characters(text.length() + text.runs());
        out.add(text);
    }

    /** The text that a block writes. */
    static Text captured(Block body, Scope scope) {
        TextBuilder out = new TextBuilder();
        body.run(scope, out);
        return out.build();
    }

    /** {@code if}, {@code elif} …: runs the body of the first condition that holds, else {@code otherwise}. */
    public record If(int line, List<Map.Entry<Expression, Block>> branches, Block otherwise) implements Statement {
        @Override
        public Flow execute(Scope scope, TextBuilder out) {
            for (Map.Entry<Expression, Block> branch : branches) {
                if (Python.truth(branch.getKey().evaluate(scope), scope.budget())) {
                    return branch.getValue().run(scope, out);
                }
            }
            return otherwise.run(scope, out);
        }
    }

    /** {@code break} and {@code continue}. */
    public record Jump(int line, Flow flow) implements Statement {
        @Override
        public Flow execute(Scope scope, TextBuilder out) {
            return flow;
        }
    }

    /** {@code set target = value}. */
    public record Assignment(int line, Target target, Expression value) implements Statement {
        @Override
        public Flow execute(Scope scope, TextBuilder out) {
            target.assign(value.evaluate(scope), scope);
            return Flow.NEXT;
        }
    }

    /** A filter that is applied to a block's text. */
    public record BlockFilter(String name, ArgumentList arguments) {}

    private static Object filtered(Text text, List<BlockFilter> filters, Scope scope) {
        Object value = text;
        for (BlockFilter filter : filters) {
            value = Filters.apply(filter.name, value, filter.arguments.evaluate(scope), scope.budget());
        }
        return value;
    }

    /** {@code set target | filter} … {@code endset}: applies the filters to the text that the body writes, and assigns the result. */
    public record BlockAssignment(int line, Target target, List<BlockFilter> filters, Block body, FrameNames names) implements Statement {
        @Override
        public Flow execute(Scope scope, TextBuilder out) {
            Scope inner = scope.inner(names);
            target.assign(filtered(captured(body, inner), filters, inner), scope);
            return Flow.NEXT;
        }
    }

    /** {@code filter name} … {@code endfilter}: applies the filters to the text that the body writes, and writes the result. */
    public record FilterBlock(int line, List<BlockFilter> filters, Block body, FrameNames names) implements Statement {
        @Override
        public Flow execute(Scope scope, TextBuilder out) {
            Scope inner = scope.inner(names);
            write(filtered(captured(body, inner), filters, inner), scope, out);
            return Flow.NEXT;
        }
    }

    /** {@code call(parameters) macro(arguments)} … {@code endcall}: the macro can call the body as {@code caller}. */
    public record CallBlock(int line, Call call, MacroDefinition body) implements Statement {
        @Override
        public Flow execute(Scope scope, TextBuilder out) {
            Object called = call.function().evaluate(scope);
            Arguments arguments = call.arguments().evaluate(scope);
            Map<String, Object> named = new LinkedHashMap<>(arguments.named());
            named.put(MacroDefinition.CALLER, new Macro(body, scope));
            write(Attributes.call(called, new Arguments(arguments.positional(), named), scope.budget()), scope, out);
            return Flow.NEXT;
        }
    }

    /** {@code generation} … {@code endgeneration}: Transformers' mark around text that the model writes. */
    public record Generation(int line, Block body, FrameNames names) implements Statement {
        @Override
        public Flow execute(Scope scope, TextBuilder out) {
            Text written = captured(body, scope.inner(names)).generated();
            scope.budget().characters(written.length() + written.runs());
            out.add(written);
            return Flow.NEXT;
        }
    }

    /** {@code with target = value} … {@code endwith}. */
    public record With(int line, List<Map.Entry<Target, Expression>> values, Block body, FrameNames names) implements Statement {
        @Override
        public Flow execute(Scope scope, TextBuilder out) {
            Scope inner = scope.inner(names);
            values.forEach(each -> each.getKey().assign(each.getValue().evaluate(scope), inner));
            return body.run(inner, out);
        }
    }

    /** A block without statements. */
    public static Statement.Block empty() {
        return new Statement.Block(List.of());
    }

    /** A macro's definition. */
    public record Define(int line, String name, MacroDefinition macro) implements Statement {
        @Override
        public Flow execute(Scope scope, TextBuilder out) {
            scope.set(name, new Macro(macro, scope));
            return Flow.NEXT;
        }
    }

    /** A loop over the {@code items} for which {@code condition} holds; {@code otherwise} is the body after its {@code else}. */
    public record For(int line, Target target, Expression items, Optional<Expression> condition, Block body, Block otherwise,
                      FrameNames bodyNames, FrameNames otherNames, FrameNames conditionNames) implements Statement {
        @Override
        public Flow execute(Scope scope, TextBuilder out) {
            return ForLoop.run(this, scope, out);
        }
    }
}
