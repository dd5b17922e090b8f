package inkling.template.node;

import inkling.template.value.Budget;
import inkling.template.value.Values.Undefined;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Variables by name. A scope can also read the variables of the scopes around it, but it sets only its own. */
public final class Scope {
    private final Optional<Scope> around;
    private final Map<String, Object> values;
    private final Budget budget;

    private Scope(Optional<Scope> around, Map<String, Object> values, Budget budget) {
        this.around = around;
        this.values = values;
        this.budget = budget;
    }

    /** The outermost scope, with the variables that a template is given. */
    public static Scope of(Map<String, Object> given, Budget budget) {
        return new Scope(Optional.empty(), given, budget);
    }

    /** A scope inside this one, for a frame that uses {@code names}. */
    public Scope inner(FrameNames names) {
        Map<String, Object> values = new HashMap<>();
        names.unset().forEach(name -> values.put(name, Undefined.name(name)));
        return new Scope(Optional.of(this), values, budget);
    }

    Object get(String name) {
        Object value = values.get(name);
        return value != null ? value : around.isPresent() ? around.get().get(name) : Undefined.name(name);
    }

    void set(String name, Object value) {
        values.put(name, value);
    }

    Budget budget() {
        return budget;
    }
}
