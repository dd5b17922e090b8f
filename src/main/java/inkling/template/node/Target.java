package inkling.template.node;

import inkling.template.value.Fault;
import inkling.template.value.Python;
import inkling.template.value.Values.Namespace;
import java.util.List;
import java.util.function.Consumer;

/** The variables or attributes to which {@code set}, {@code with} or a loop assigns a value: one or several. */
public sealed interface Target {
    void assign(Object value, Scope scope);

    /** Passes to {@code sink} the name of each variable that {@link #assign} sets. */
    void names(Consumer<String> sink);

    /** A variable. */
    record Variable(String name) implements Target {
        @Override
        public void assign(Object value, Scope scope) {
            scope.set(name, value);
        }

        @Override
        public void names(Consumer<String> sink) {
            sink.accept(name);
        }
    }

    /** {@code name.attribute}: only a namespace can be changed. */
    record OfNamespace(String name, String attribute) implements Target {
        @Override
        public void assign(Object value, Scope scope) {
            if (!(scope.get(name) instanceof Namespace namespace)) {
                throw Fault.failed("%s is no namespace: its attribute %s cannot be set.".formatted(name, attribute));
            }
            namespace.attributes().put(attribute, value);
        }

        @Override
        public void names(Consumer<String> sink) {
            // no variable is set
        }
    }

    /** {@code a, b}: one target for each item of the value. */
    record Several(List<Target> targets) implements Target {
        @Override
        public void assign(Object value, Scope scope) {
            List<Object> items = Python.items(value, scope.budget());
            if (items.size() != targets.size()) {
                throw Fault.failed("%d names are assigned %d values.".formatted(targets.size(), items.size()));
            }
            for (int i = 0; i < items.size(); i++) {
                targets.get(i).assign(items.get(i), scope);
            }
        }

        @Override
        public void names(Consumer<String> sink) {
            targets.forEach(target -> target.names(sink));
        }
    }
}
