package inkling.template.syntax;

import inkling.template.node.Expression;
import inkling.template.node.Expressions;
import inkling.template.node.FrameNames;
import inkling.template.node.MacroDefinition;
import inkling.template.node.MacroDefinition.Parameter;
import inkling.template.node.Statement;
import inkling.template.node.Statement.Block;
import inkling.template.node.Statements;
import inkling.template.node.Statements.BlockFilter;
import inkling.template.node.Target;
import inkling.template.syntax.Token.Kind;
import inkling.template.value.Fault;
import inkling.template.value.Text;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** Parses the statements of a template: text, {@code {{ … }}} and {@code {% … %}}. */
public final class TemplateParser {
    /** A parsed template; {@code names} are those of its outermost frame. */
    public record Parsed(Block body, FrameNames names) {}

    private static final Set<String> REFUSED = Set.of("block", "extends", "include", "import", "from", "autoescape", "print", "do", "trans",
        "debug");

    private final TemplateTokens tokens;
    private final Names names = new Names();
    private final ExpressionParser expressions;
    private final TargetParser targets;
    private int loops;

    private TemplateParser(String source) {
        tokens = new TemplateTokens(Lexer.tokens(source));
        expressions = new ExpressionParser(tokens, names);
        targets = new TargetParser(tokens);
    }

    /** @throws Fault with a line, if Jinja would refuse the template, or if something in it is not supported here */
    public static Parsed parse(String source) {
        TemplateParser parser = new TemplateParser(source);
        FrameNames frame = parser.names.frame();
        Block body = parser.block(Set.of());
        parser.names.requireKnown();
        return new Parsed(body, frame);
    }

    /** Parses statements up to a tag whose first word is in {@code ends}; if {@code ends} is empty, up to the end of the template. */
    private Block block(Set<String> ends) {
        tokens.enter();
        List<Statement> statements = new ArrayList<>();
        while (true) {
            Token token = tokens.take();
            switch (token.kind()) {
                case DATA -> statements.add(new Statements.Print(token.line(), new Expressions.Literal(Text.template(token.text()))));
                case VARIABLE_BEGIN -> {
                    statements.add(new Statements.Print(token.line(), expressions.tuple(true)));
                    tokens.expect(Kind.VARIABLE_END, "'}}'");
                }
                case BLOCK_BEGIN -> {
                    if (tokens.current().kind() == Kind.NAME && ends.contains(tokens.current().text())) {
                        tokens.leave();
                        return new Block(statements);
                    }
                    statements.add(statement());
                    tokens.expect(Kind.BLOCK_END, "'%}'");
                }
                default -> {
                    if (!ends.isEmpty()) {
                        throw tokens.unexpected(String.join(" or ", ends));
                    }
                    return new Block(statements);
                }
            }
        }
    }

    /** Takes the end of a tag, which a colon may precede. Then parses the body of the tag up to one of {@code ends}. */
    private Block body(String... ends) {
        tokens.skipOperator(":");
        tokens.expect(Kind.BLOCK_END, "'%}'");
        return block(Set.of(ends));
    }

    private Statement statement() {
        Token tag = tokens.expect(Kind.NAME, "the name of a tag");
        return switch (tag.text()) {
            case "if" -> condition(tag.line());
            case "for" -> loop(tag.line());
            case "set" -> assignment(tag.line());
            case "macro" -> macro(tag.line());
            case "call" -> callBlock(tag.line());
            case "filter" -> filterBlock(tag.line());
            case "with" -> with(tag.line());
            case "generation" -> generation(tag.line());
            case "break" -> jump(tag, Statement.Flow.BREAK);
            case "continue" -> jump(tag, Statement.Flow.CONTINUE);
            default -> throw (REFUSED.contains(tag.text()) ? Fault.unsupported("the tag " + tag.text())
                : Fault.failed("there is no tag '%s' here.".formatted(tag.text()))).at(tag.line());
        };
    }

    private Statement jump(Token tag, Statement.Flow flow) {
        if (loops == 0) {
            throw Fault.failed("%s stands outside of a loop.".formatted(tag.text())).at(tag.line());
        }
        return new Statements.Jump(tag.line(), flow);
    }

    private Statement condition(int line) {
        List<Map.Entry<Expression, Block>> branches = new ArrayList<>();
        boolean before = names.conditional(true);
        Block otherwise = Statements.empty();
        Expression first = expressions.tuple(false);
        names.frame().enterBranch();
        Block body = body("elif", "else", "endif");
        branches.add(Map.entry(first, body));
        while (tokens.skipName("elif")) {
            Expression test = expressions.tuple(false);
            branches.add(Map.entry(test, body("elif", "else", "endif")));
        }
        if (tokens.skipName("else")) {
            otherwise = body("endif");
        }
        tokens.expectName("endif");
        names.frame().leaveBranch();
        names.conditional(before);
        return new Statements.If(line, branches, otherwise);
    }

    private Statement loop(int line) {
        Target target = targets.target(Optional.of("in"));
        tokens.expectName("in");
        Expression items = expressions.tuple(false);
        boolean before = names.conditional(false);
        FrameNames conditionNames = names.open();
        target.names(names.frame()::parameter);
        Optional<Expression> condition = tokens.skipName("if") ? Optional.of(expressions.expression()) : Optional.empty();
        names.close();
        if (tokens.isName("recursive")) {
            throw Fault.unsupported("a recursive loop").at(line);
        }
        FrameNames bodyNames = names.open();
        names.frame().parameter("loop");
        target.names(names.frame()::parameter);
        loops++;
        Block body = body("endfor", "else");
        loops--;
        names.close();
        FrameNames otherNames = names.open();
        Block otherwise = tokens.skipName("else") ? body("endfor") : Statements.empty();
        names.close();
        tokens.expectName("endfor");
        names.conditional(before);
        return new Statements.For(line, target, items, condition, body, otherwise, bodyNames, otherNames, conditionNames);
    }

    private Statement assignment(int line) {
        Target target = targets.target(Optional.empty());
        if (tokens.skipOperator("=")) {
            Expression value = expressions.tuple(true);
            store(target);
            return new Statements.Assignment(line, target, value);
        }
        store(target);
        boolean before = names.conditional(false);
        FrameNames inner = names.open();
        List<BlockFilter> filters = new ArrayList<>();
        while (tokens.isOperator("|")) {
            filters.add(expressions.operands().filter());
        }
        Block body = inFrame("endset");
        names.conditional(before);
        return new Statements.BlockAssignment(line, target, filters, body, inner);
    }

    /**
     * Parses the body of the frame that was opened last, up to the tag {@code end}, and closes the frame. A {@code break} or
     * {@code continue} in the body must belong to a loop in the body.
     */
    private Block inFrame(String end) {
        int around = loops;
        loops = 0;
        Block body = body(end);
        tokens.expectName(end);
        loops = around;
        names.close();
        return body;
    }

    private void store(Target target) {
        if (target instanceof Target.OfNamespace of) {
            names.load(of.name());
        }
        target.names(names.frame()::store);
    }

    private Statement macro(int line) {
        String name = targets.newName("the name of a macro").text();
        names.frame().store(name);
        boolean before = names.conditional(false);
        MacroDefinition macro = definition(name, "endmacro", this::parameters);
        names.conditional(before);
        return new Statements.Define(line, name, macro);
    }

    /**
     * Parses the parameters and body of a macro or a call block.
     *
     * @param parameterList gives the parameters. It is called within the new frame, and may parse them there
     */
    private MacroDefinition definition(String name, String end, Supplier<List<Parameter>> parameterList) {
        FrameNames inner = names.open();
        Set<String> special = names.openMacro();
        MacroDefinition.SPECIAL.forEach(inner::parameter);
        List<Parameter> parameters = parameterList.get();
        parameters.forEach(parameter -> inner.parameter(parameter.name()));
        Block body = inFrame(end);
        names.closeMacro();
        parameters.forEach(parameter -> special.remove(parameter.name()));
        return new MacroDefinition(name, parameters, body, inner, special);
    }

    private List<Parameter> parameters() {
        List<Parameter> parameters = new ArrayList<>();
        tokens.expectOperator("(");
        while (!tokens.isOperator(")")) {
            Token name = targets.newName("the name of a parameter");
            names.frame().parameter(name.text());
            Optional<Expression> defaultValue = tokens.skipOperator("=") ? Optional.of(expressions.expression()) : Optional.empty();
            if (defaultValue.isEmpty() && !parameters.isEmpty() && parameters.get(parameters.size() - 1).defaultValue().isPresent()) {
                throw Fault.failed("a parameter without a default value follows one with a default value.").at(name.line());
            }
            if (MacroDefinition.SPECIAL.contains(name.text())) {
                throw Fault.unsupported("a parameter named " + name.text()).at(name.line());
            }
            parameters.add(new Parameter(name.text(), defaultValue));
            if (!tokens.isOperator(")")) {
                tokens.expectOperator(",");
            }
        }
        tokens.expectOperator(")");
        return parameters;
    }

    private Statement callBlock(int line) {
        List<Parameter> parameters = tokens.isOperator("(") ? parameters() : List.of();
        if (!(expressions.expression() instanceof Expressions.Call call)) {
            throw Fault.failed("a call block needs a call.").at(line);
        }
        boolean before = names.conditional(false);
        MacroDefinition body = definition("caller", "endcall", () -> parameters);
        names.conditional(before);
        return new Statements.CallBlock(line, call, body);
    }

    private Statement filterBlock(int line) {
        boolean before = names.conditional(false);
        FrameNames inner = names.open();
        List<BlockFilter> filters = new ArrayList<>();
        do {
            filters.add(expressions.operands().filter());
        } while (tokens.isOperator("|"));
        Block body = inFrame("endfilter");
        names.conditional(before);
        return new Statements.FilterBlock(line, filters, body, inner);
    }

    private Statement generation(int line) {
        boolean before = names.conditional(false);
        FrameNames inner = names.open();
        Block body = inFrame("endgeneration");
        names.conditional(before);
        return new Statements.Generation(line, body, inner);
    }

    private Statement with(int line) {
        List<Map.Entry<Target, Expression>> values = new ArrayList<>();
        while (tokens.current().kind() != Kind.BLOCK_END) {
            if (!values.isEmpty()) {
                tokens.expectOperator(",");
            }
            Target target = targets.target(Optional.of("="));
            tokens.expectOperator("=");
            values.add(Map.entry(target, expressions.expression()));
        }
        boolean before = names.conditional(false);
        FrameNames inner = names.open();
        values.forEach(value -> value.getKey().names(inner::parameter));
        Block body = inFrame("endwith");
        names.conditional(before);
        return new Statements.With(line, values, body, inner);
    }
}
