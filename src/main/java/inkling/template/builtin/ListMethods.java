package inkling.template.builtin;

import inkling.template.value.Arguments;
import inkling.template.value.Budget;
import inkling.template.value.Fault;
import inkling.template.value.Python;
import inkling.template.value.Values.Dict;
import inkling.template.value.Values.Items;
import inkling.template.value.Values.None;
import inkling.template.value.Values.View;
import java.util.ArrayList;
import java.util.List;

/** Methods of Python's dicts, lists and tuples that change nothing. */
final class ListMethods {
    private ListMethods() {}

    static Object call(Dict dict, String name, Arguments arguments, Budget budget) {
        budget.step(dict.entries().size());
        switch (name) {
            case "get":
                requirePositional("get()", arguments);
                Arguments.Bound bound = arguments.bound("get()", "key", "default");
                Object found = dict.entries().get(Python.key(bound.required("key")));
                return found != null ? found : bound.optional("default").orElse(None.NONE);
            case "items":
                arguments.bound("items()");
                return new View("dict_items", pairs(dict));
            case "keys":
                arguments.bound("keys()");
                return new View("dict_keys", new ArrayList<>(dict.entries().keySet()));
            case "values":
                arguments.bound("values()");
                return new View("dict_values", new ArrayList<>(dict.entries().values()));
            case "copy":
                arguments.bound("copy()");
                return dict;
            default:
                throw Fault.unsupported(name + "() of a dict");
        }
    }

    private static void requirePositional(String function, Arguments arguments) {
        if (!arguments.named().isEmpty()) {
            throw Fault.failed(function + " takes no arguments by name.");
        }
    }

    /** Each key and value as a tuple. */
    static List<Object> pairs(Dict dict) {
        List<Object> pairs = new ArrayList<>(dict.entries().size());
        dict.entries().forEach((key, value) -> pairs.add(Items.tuple(key, value)));
        return pairs;
    }

    static Object call(Items items, String name, Arguments arguments, Budget budget) {
        requirePositional(name + "()", arguments);
        switch (name) {
            case "copy":
                arguments.bound("copy()");
                return items;
            case "count":
                Object wanted = arguments.bound("count()", "value").required("value");
                return items.list().stream().filter(each -> Python.equal(each, wanted, budget)).count();
            case "index":
                Object sought = arguments.bound("index()", "value").required("value");
                for (int i = 0; i < items.list().size(); i++) {
                    if (Python.equal(items.list().get(i), sought, budget)) {
                        return (long) i;
                    }
                }
                throw Fault.failed("index(): the value is not in the list.");
            default:
                throw Fault.unsupported(name + "() of a list");
        }
    }
}
