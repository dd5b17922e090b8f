package inkling.template.node;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A macro as the template defines it, or the body of a call block.
 *
 * @param special which of {@code caller}, {@code kwargs} and {@code varargs} the macro uses
 */
public record MacroDefinition(String name, List<Parameter> parameters, Statement.Block body, FrameNames names, Set<String> special) {
    static final String CALLER = "caller";
    static final String NAMED = "kwargs";
    static final String MORE = "varargs";
    /** Names that a macro's body can use without declaring them. */
    public static final List<String> SPECIAL = List.of(CALLER, NAMED, MORE);

    /** A parameter, and the value that it has if no argument is given. */
    public record Parameter(String name, Optional<Expression> defaultValue) {}
}
