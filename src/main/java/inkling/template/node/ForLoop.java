package inkling.template.node;

import inkling.template.node.Statement.Flow;
import inkling.template.node.Statements.For;
import inkling.template.value.Arguments;
import inkling.template.value.Budget;
import inkling.template.value.Fault;
import inkling.template.value.Python;
import inkling.template.value.TextBuilder;
import inkling.template.value.Values.Attributed;
import inkling.template.value.Values.Callable;
import inkling.template.value.Values.Items;
import inkling.template.value.Values.Undefined;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Runs a loop. An object of this class is the value of {@code loop} in the loop's body. */
final class ForLoop implements Attributed, Callable {
    private final List<Object> items;
    private int index;   // from 0
    private Optional<List<Object>> before = Optional.empty();   // the arguments of the last call of changed()

    private ForLoop(List<Object> items) {
        this.items = items;
    }

    /**
     * Runs the loop. If no pass reaches the end of the loop's body, also runs the else body. As in Jinja, that is the case without items,
     * and if each pass is left early, e.g. by continue.
     */
    static Flow run(For statement, Scope scope, TextBuilder out) {
        List<Object> items = items(statement, scope);
        ForLoop loop = new ForLoop(items);
        boolean reachedEnd = false;
        for (loop.index = 0; loop.index < items.size(); loop.index++) {
            scope.budget().step(1);
            Scope inner = scope.inner(statement.bodyNames());
            inner.set("loop", loop);
            statement.target().assign(items.get(loop.index), inner);
            Flow flow = statement.body().run(inner, out);
            if (flow == Flow.BREAK) {
                break;
            }
            reachedEnd |= flow == Flow.NEXT;
        }
        return !reachedEnd ? statement.otherwise().run(scope.inner(statement.otherNames()), out) : Flow.NEXT;
    }

    private static List<Object> items(For statement, Scope scope) {
        List<Object> all = Python.items(statement.items().evaluate(scope), scope.budget());
        scope.budget().step(all.size());
        if (statement.condition().isEmpty()) {
            return all;
        }
        List<Object> kept = new ArrayList<>();
        for (Object item : all) {
            Scope inner = scope.inner(statement.conditionNames());
            statement.target().assign(item, inner);
            if (Python.truth(statement.condition().get().evaluate(inner), scope.budget())) {
                kept.add(item);
            }
        }
        return kept;
    }

    @Override
    public Optional<Object> attribute(String name) {
        return Optional.ofNullable(switch (name) {
            case "index" -> index + 1L;
            case "index0" -> (long) index;
            case "revindex" -> (long) items.size() - index;
            case "revindex0" -> items.size() - index - 1L;
            case "first" -> index == 0;
            case "last" -> index == items.size() - 1;
            case "length" -> (long) items.size();
            case "depth" -> 1L;   // recursive loops are refused
            case "depth0" -> 0L;
            case "previtem" -> index > 0 ? items.get(index - 1) : new Undefined("there is no previous item");
            case "nextitem" -> index < items.size() - 1 ? items.get(index + 1) : new Undefined("there is no next item");
            case "cycle" -> (Callable) this::cycle;
            case "changed" -> (Callable) this::changed;
            default -> null;
        });
    }

    private Object cycle(Arguments arguments, Budget budget) {
        if (arguments.positional().isEmpty()) {
            throw Fault.failed("loop.cycle() has nothing to cycle through.");
        }
        return arguments.positional().get(index % arguments.positional().size());
    }

    private Object changed(Arguments arguments, Budget budget) {
        boolean same = before.isPresent() && Python.equal(Items.list(before.get()), Items.list(arguments.positional()), budget);
        before = Optional.of(arguments.positional());
        return !same;
    }

    @Override
    public Object call(Arguments arguments, Budget budget) {
        throw Fault.failed("loop() is only for loops that are recursive.");
    }
}
