package inkling.template.builtin;

import inkling.template.value.Arguments;
import inkling.template.value.Arithmetic;
import inkling.template.value.Budget;
import inkling.template.value.Fault;
import inkling.template.value.Python;
import inkling.template.value.Text;
import inkling.template.value.Values.Callable;
import inkling.template.value.Values.Dict;
import inkling.template.value.Values.Items;
import inkling.template.value.Values.Lazy;
import inkling.template.value.Values.Method;
import inkling.template.value.Values.None;
import inkling.template.value.Values.Safe;
import inkling.template.value.Values.Undefined;
import inkling.template.value.Values.View;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** Jinja's tests: {@code value is name}. */
public final class Tests {
    /** Whether {@code value is name(arguments)}. */
    @FunctionalInterface
    private interface Test {
        boolean holds(Object value, Arguments arguments, Budget budget);
    }

    /** A test without arguments. */
    @FunctionalInterface
    private interface Plain {
        boolean holds(Object value);
    }

    /** A test with one argument. */
    @FunctionalInterface
    private interface Binary {
        boolean holds(Object value, Object other, Budget budget);
    }

    private static final Map<String, Test> ALL = new HashMap<>();
    /** Tests of Jinja that are not supported. A template that reaches such a test while it is rendered ends with an error. */
    private static final Set<String> REFUSED = Set.of("filter", "test", "escaped", "lower", "upper", "sameas");

    static {
        plain("defined", value -> !(value instanceof Undefined));
        plain("undefined", value -> value instanceof Undefined);
        plain("none", value -> value == None.NONE);
        plain("boolean", value -> value instanceof Boolean);
        plain("true", value -> Boolean.TRUE.equals(value));
        plain("false", value -> Boolean.FALSE.equals(value));
        plain("integer", value -> value instanceof Long);
        plain("float", value -> value instanceof Double);
        plain("number", Python::isNumber);
        plain("string", value -> value instanceof Text || value instanceof Safe);
        plain("mapping", value -> value instanceof Dict);
        plain("iterable", value -> isSequence(value) || value instanceof View || value instanceof Lazy);
        plain("sequence", Tests::isSequence);
        plain("callable", value -> value instanceof Callable || value instanceof Method || value instanceof Undefined);
        ALL.put("odd", (value, arguments, budget) -> remainder(withoutArguments(value, arguments), 2L, budget) == 1);
        ALL.put("even", (value, arguments, budget) -> remainder(withoutArguments(value, arguments), 2L, budget) == 0);
        binary((value, other, budget) -> remainder(value, other, budget) == 0, "divisibleby");
        binary(Python::equal, "eq", "equalto", "==");
        binary((value, other, budget) -> !Python.equal(value, other, budget), "ne", "!=");
        binary((value, other, budget) -> Python.compare(value, other, budget) < 0, "lt", "lessthan", "<");
        binary((value, other, budget) -> Python.compare(value, other, budget) <= 0, "le", "<=");
        binary((value, other, budget) -> Python.compare(value, other, budget) > 0, "gt", "greaterthan", ">");
        binary((value, other, budget) -> Python.compare(value, other, budget) >= 0, "ge", ">=");
        binary((value, other, budget) -> Python.contains(other, value, budget), "in");
    }

    private Tests() {}

    private static void plain(String name, Plain test) {
        ALL.put(name, (value, arguments, budget) -> test.holds(withoutArguments(value, arguments)));
    }

    private static void binary(Binary test, String... names) {
        for (String name : names) {
            ALL.put(name, (value, arguments, budget) ->
                test.holds(value, arguments.bound("the test " + name, "other").required("other"), budget));
        }
    }

    /** Whether Jinja has the test. */
    public static boolean isKnown(String name) {
        return ALL.containsKey(name) || REFUSED.contains(name);
    }

    /** Whether {@code value is name(arguments)}. */
    public static boolean holds(String name, Object value, Arguments arguments, Budget budget) {
        Test test = ALL.get(name);
        if (test == null) {
            throw REFUSED.contains(name) ? Fault.unsupported("the test " + name)
                : Fault.failed("there is no test named %s.".formatted(name));
        }
        return test.holds(value, arguments, budget);
    }

    private static Object withoutArguments(Object value, Arguments arguments) {
        arguments.bound("the test");
        return value;
    }

    /** Whether {@code value is sequence} holds. It holds for Undefined, which has a length in Jinja. */
    private static boolean isSequence(Object value) {
        return value instanceof Text || value instanceof Safe || value instanceof Items || value instanceof Dict
            || value instanceof Undefined
            || value instanceof View view && view.type().equals("range");
    }

    private static long remainder(Object value, Object divisor, Budget budget) {
        return (Long) Arithmetic.MODULO.of(value, divisor, budget);   // refuses floats
    }
}
