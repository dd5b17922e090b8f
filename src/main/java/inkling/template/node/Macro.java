package inkling.template.node;

import inkling.template.node.MacroDefinition.Parameter;
import inkling.template.value.Arguments;
import inkling.template.value.Budget;
import inkling.template.value.Fault;
import inkling.template.value.Values.Callable;
import inkling.template.value.Values.Dict;
import inkling.template.value.Values.Items;
import inkling.template.value.Values.Undefined;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A macro that can be called. It sees the variables of the place where it was defined. */
final class Macro implements Callable {
    private final MacroDefinition definition;
    private final Scope around;

    Macro(MacroDefinition definition, Scope around) {
        this.definition = definition;
        this.around = around;
    }

    /**
     * Runs the body, and gives the text that it writes.
     *
     * @throws Fault if the macro does not take one of the arguments
     */
    @Override
    public Object call(Arguments arguments, Budget budget) {
        Scope scope = around.inner(definition.names());
        Map<String, Object> named = new LinkedHashMap<>(arguments.named());
        bind(arguments.positional(), named, scope);
        int more = arguments.positional().size() - definition.parameters().size();
        if (definition.special().contains(MacroDefinition.CALLER)) {
            Object caller = named.remove(MacroDefinition.CALLER);
            scope.set(MacroDefinition.CALLER, caller == null ? new Undefined("No caller defined") : caller);
        }
        if (definition.special().contains(MacroDefinition.NAMED)) {
            scope.set(MacroDefinition.NAMED, Dict.of(named));
        } else if (!named.isEmpty()) {
            throw Fault.failed("the macro %s has no parameter %s.".formatted(definition.name(), named.keySet().iterator().next()));
        }
        if (definition.special().contains(MacroDefinition.MORE)) {
            List<Object> rest = arguments.positional()
                .subList(arguments.positional().size() - Math.max(0, more), arguments.positional().size());
            scope.set(MacroDefinition.MORE, new Items(List.copyOf(rest), true));
        } else if (more > 0) {
            throw Fault.failed("the macro %s takes at most %d arguments, not %d.".formatted(definition.name(),
                definition.parameters().size(),
                arguments.positional().size()));
        }
        return Statements.captured(definition.body(), scope);
    }

    /**
     * Sets the parameters in {@code scope}. A default value can use the parameters before it.
     *
     * @param named the arguments by name; those that a parameter gets are removed
     */
    private void bind(List<Object> positional, Map<String, Object> named, Scope scope) {
        Map<String, Object> given = new LinkedHashMap<>();
        for (int i = 0; i < definition.parameters().size(); i++) {
            String name = definition.parameters().get(i).name();
            Object value = i < positional.size() ? positional.get(i) : named.remove(name);
            if (value != null) {
                given.put(name, value);
            }
        }
        for (Parameter parameter : definition.parameters()) {
            Object value = given.get(parameter.name());
            scope.set(parameter.name(), value != null ? value : parameter.defaultValue().isPresent()
                ? parameter.defaultValue().get().evaluate(scope)
                : new Undefined("the parameter %s was not given".formatted(parameter.name())));
        }
    }
}
