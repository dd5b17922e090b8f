package inkling.template.builtin;

import inkling.template.value.Arguments;
import inkling.template.value.Budget;
import inkling.template.value.Fault;
import inkling.template.value.Printing;
import inkling.template.value.Python;
import inkling.template.value.Text;
import inkling.template.value.Values.Callable;
import inkling.template.value.Values.Dict;
import inkling.template.value.Values.Namespace;
import inkling.template.value.Values.View;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The functions that every template can call: those of Jinja, and those that Transformers adds, {@code raise_exception} and
 * {@code strftime_now}. A call of {@code cycler} or {@code lipsum} is refused.
 */
public final class Functions {
    private static final long LONGEST_RANGE = 100_000;   // as in Jinja's sandbox

    private Functions() {}

    /**
     * All functions by name.
     *
     * @param now the time that {@code strftime_now} formats
     */
    public static Map<String, Object> all(Moment now) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("range", (Callable) Functions::range);
        all.put("dict", (Callable) (arguments, budget) -> new Dict(entries("dict()", arguments)));
        all.put("namespace", (Callable) Functions::namespace);
        all.put("joiner", (Callable) Functions::joiner);
        all.put("cycler", refused("cycler()"));
        all.put("lipsum", refused("lipsum()"));
        all.put("raise_exception", (Callable) (arguments, budget) -> {
            throw Fault.raised(Printing.text(arguments.bound("raise_exception()", "message").required("message"), budget).toString());
        });
        all.put("strftime_now", (Callable) (arguments, budget) -> {
            Arguments.Bound bound = arguments.bound("strftime_now()", "format");
            bound.required("format");
            return Text.template(now.format(bound.text("format", "").toString()));
        });
        return all;
    }

    private static Callable refused(String what) {
        return (arguments, budget) -> {
            throw Fault.unsupported(what);
        };
    }

    private static Object range(Arguments arguments, Budget budget) {
        Arguments.Bound bound = arguments.bound("range()", "start", "stop", "step");
        bound.required("start");
        boolean onlyStop = bound.optional("stop").isEmpty();
        long start = onlyStop ? 0 : bound.number("start", 0);
        long stop = onlyStop ? bound.number("start", 0) : bound.number("stop", 0);
        long step = bound.number("step", 1);
        if (step == 0) {
            throw Fault.failed("range() cannot have the step 0.");
        }
        List<Object> numbers = new ArrayList<>();
        for (long i = start; step > 0 ? i < stop : i > stop; i = Math.addExact(i, step)) {
            if (numbers.size() == LONGEST_RANGE) {
                throw Fault.failed("range() is longer than %,d.".formatted(LONGEST_RANGE));
            }
            numbers.add(i);
            if (step > 0 ? i > Long.MAX_VALUE - step : i < Long.MIN_VALUE - step) {
                break;
            }
        }
        budget.step(numbers.size());
        return new View("range", numbers);
    }

    private static Map<Object, Object> entries(String function, Arguments arguments) {
        Map<Object, Object> entries = new LinkedHashMap<>();
        if (arguments.positional().size() > 1) {
            throw Fault.failed(function + " takes at most one mapping.");
        }
        for (Object first : arguments.positional()) {
            if (!(first instanceof Dict dict)) {
                throw Fault.unsupported("%s of a %s".formatted(function, Python.type(first)));
            }
            entries.putAll(dict.entries());
        }
        arguments.named().forEach((name, value) -> entries.put(Text.template(name), value));
        return entries;
    }

    private static Object namespace(Arguments arguments, Budget budget) {
        Map<String, Object> attributes = new LinkedHashMap<>();
        entries("namespace()", arguments).forEach((name, value) -> attributes.put(name.toString(), value));
        return new Namespace(attributes);
    }

    /** Gives a function. Its first call gives the empty text, and each later call the separator. */
    private static Object joiner(Arguments arguments, Budget budget) {
        Text separator = arguments.bound("joiner()", "sep").text("sep", ", ");
        boolean[] used = {false};
        return (Callable) (argumentsOfCall, budgetOfCall) -> {
            argumentsOfCall.bound("a joiner");
            Text given = used[0] ? separator : Text.EMPTY;
            used[0] = true;
            return given;
        };
    }
}
