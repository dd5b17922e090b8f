package inkling.template.builtin;

import inkling.template.value.Arguments;
import inkling.template.value.Budget;
import inkling.template.value.Fault;
import inkling.template.value.Printing;
import inkling.template.value.Python;
import inkling.template.value.Text;
import inkling.template.value.TextBuilder;
import inkling.template.value.Values.Dict;
import inkling.template.value.Values.Items;
import inkling.template.value.Values.Lazy;
import inkling.template.value.Values.None;
import inkling.template.value.Values.Undefined;
import inkling.template.value.Values.View;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * Jinja's filters of lists. If a filter gives a generator in Jinja, it gives a {@link Lazy} here, which has no length and can be iterated
 * over once.
 */
final class ListFilters {
    private ListFilters() {}

    static void addTo(Map<String, Filters.Filter> all) {
        all.put("list", (value, arguments, budget) -> Items.list(iterated(Filters.withoutArguments(value, arguments), budget)));
        all.put("first", ListFilters::first);
        all.put("last", ListFilters::last);
        all.put("join", ListFilters::join);
        all.put("map", ListFilters::map);
        for (Selection selection : List.of(new Selection("select", false, true), new Selection("reject", false, false),
            new Selection("selectattr", true, true), new Selection("rejectattr", true, false))) {
            all.put(selection.filter, (value, arguments, budget) -> selected(selection, value, arguments, budget));
        }
        all.put("sort", ListFilters::sort);
        all.put("dictsort", ListFilters::dictSort);
        all.put("unique", ListFilters::unique);
        all.put("reverse", ListFilters::reverse);
        all.put("min", (value, arguments, budget) -> minOrMax("min", value, arguments, -1, budget));
        all.put("max", (value, arguments, budget) -> minOrMax("max", value, arguments, 1, budget));
    }

    private static List<Object> iterated(Object value, Budget budget) {
        List<Object> items = Python.items(value, budget);
        budget.step(items.size());
        return new ArrayList<>(items);
    }

    private static Object first(Object value, Arguments arguments, Budget budget) {
        Filters.withoutArguments(value, arguments);
        String message = "No first item, sequence was empty";
        if (value instanceof Lazy lazy) {
            return lazy.next(message);
        }
        List<Object> items = Python.items(value, budget);
        return items.isEmpty() ? new Undefined(message) : items.get(0);
    }

    private static Object last(Object value, Arguments arguments, Budget budget) {
        Filters.withoutArguments(value, arguments);
        if (value instanceof Lazy) {
            throw Fault.failed("a generator has no last item.");
        }
        List<Object> items = Python.items(value, budget);
        return items.isEmpty() ? new Undefined("No last item, sequence was empty") : items.get(items.size() - 1);
    }

    private static Object join(Object value, Arguments arguments, Budget budget) {
        Arguments.Bound bound = arguments.bound("the filter join", "d", "attribute");
        Text between = Printing.text(bound.optional("d").orElse(Text.EMPTY), budget);
        UnaryOperator<Object> part = attribute(bound, budget);
        TextBuilder out = new TextBuilder();
        boolean later = false;
        for (Object each : Python.items(value, budget)) {
            Text text = Printing.text(part.apply(each), budget);
            budget.characters((later ? between.length() + between.runs() : 0) + text.length() + text.runs());
            out.add(later ? between : Text.EMPTY).add(text);
            later = true;
        }
        return out.build();
    }

    /** {@code item.a.0.b} for {@code attribute='a.0.b'}; the item itself if no attribute is given. */
    private static UnaryOperator<Object> attribute(Arguments.Bound bound, Budget budget) {
        Object path = bound.optional("attribute").orElse(None.NONE);
        if (path == None.NONE) {
            return item -> item;
        }
        List<Object> parts = path instanceof Text text ? parts(text) : List.of(path);
        return item -> {
            Object value = item;
            for (Object part : parts) {
                value = Attributes.item(value, part, budget);
                if (value instanceof Undefined && bound.optional("default").isPresent()) {
                    value = bound.optional("default").get();
                }
            }
            return value;
        };
    }

    private static List<Object> parts(Text path) {
        List<Object> parts = new ArrayList<>();
        for (String part : path.toString().split("\\.", -1)) {
            boolean index = !part.isEmpty() && part.length() < 10 && part.chars().allMatch(c -> c >= '0' && c <= '9');
            parts.add(index ? Long.valueOf(part) : Text.template(part));
        }
        return parts;
    }

    private static Object map(Object value, Arguments arguments, Budget budget) {
        return new Lazy(() -> Python.truth(value, budget) ? mapped(value, arguments, budget) : List.of());
    }

    private static List<Object> mapped(Object value, Arguments arguments, Budget budget) {
        List<Object> items = Python.items(value, budget);
        List<Object> mapped = new ArrayList<>(items.size());
        if (arguments.positional().isEmpty() && arguments.named().containsKey("attribute")) {
            UnaryOperator<Object> part = attribute(arguments.bound("the filter map", "attribute", "default"), budget);
            items.forEach(item -> mapped.add(part.apply(item)));
        } else {
            String name = name("map", arguments);
            items.forEach(item -> mapped.add(Filters.apply(name, item, arguments.rest(), budget)));
        }
        budget.step(items.size());
        return mapped;
    }

    private static String name(String filter, Arguments arguments) {
        if (!arguments.positional().isEmpty() && arguments.positional().get(0) instanceof Text name) {
            return name.toString();
        }
        throw Fault.failed("the filter %s needs a name.".formatted(filter));
    }

    /**
     * A filter that leaves out items.
     *
     * @param byAttribute whether an attribute of each item is tested, and not the item itself. The first argument names the attribute
     * @param kept what the test gives for the items that stay
     */
    private record Selection(String filter, boolean byAttribute, boolean kept) {}

    private static Object selected(Selection selection, Object value, Arguments arguments, Budget budget) {
        return new Lazy(() -> Python.truth(value, budget) ? selectedItems(selection, value, arguments, budget) : List.of());
    }

    private static List<Object> selectedItems(Selection selection, Object value, Arguments arguments, Budget budget) {
        if (selection.byAttribute && arguments.positional().isEmpty()) {
            throw Fault.failed("the filter %s needs the name of an attribute.".formatted(selection.filter));
        }
        Arguments test = selection.byAttribute ? arguments.rest() : arguments;
        Predicate<Object> holds = test.positional().isEmpty() ? item -> Python.truth(item, budget)
            : item -> Tests.holds(name(selection.filter, test), item, test.rest(), budget);
        UnaryOperator<Object> part = !selection.byAttribute ? item -> item : attribute(new Arguments.Bound("the filter " + selection.filter,
            Map.of("attribute", arguments.positional().get(0))), budget);
        List<Object> items = Python.items(value, budget);
        budget.step(items.size());
        List<Object> chosen = new ArrayList<>();
        for (Object item : items) {
            if (holds.test(part.apply(item)) == selection.kept) {
                chosen.add(item);
            }
        }
        return chosen;
    }

    private static Object sort(Object value, Arguments arguments, Budget budget) {
        Arguments.Bound bound = arguments.bound("the filter sort", "reverse", "case_sensitive", "attribute");
        if (bound.optional("attribute").orElse(None.NONE) instanceof Text path && path.toString().contains(",")) {
            throw Fault.unsupported("sorting by several attributes");
        }
        UnaryOperator<Object> part = attribute(bound, budget);
        boolean exact = bound.flag("case_sensitive", false, budget);
        // as in Jinja, each key is a list of one value: two lists with equal values can be compared, even if the values have no order,
        // e.g. None
        return Items.list(sorted(iterated(value, budget), item -> Items.list(List.of(folded(part.apply(item), exact))),
            bound.flag("reverse", false, budget), budget));
    }

    private static Object folded(Object value, boolean exact) {
        return !exact && value instanceof Text text ? text.with(text.toString().toLowerCase(Locale.ROOT)) : value;
    }

    /** Sorts by {@code key}. Equal items keep their order, also if {@code reverse} is set. */
    private static List<Object> sorted(List<Object> items, UnaryOperator<Object> key, boolean reverse, Budget budget) {
        List<Map.Entry<Object, Object>> keyed = new ArrayList<>();
        items.forEach(item -> keyed.add(Map.entry(key.apply(item), item)));
        Comparator<Map.Entry<Object, Object>> order = (a, b) -> Python.compare(a.getKey(), b.getKey(), budget);
        if (keyed.size() == 1) {
            return items;   // like Python, does not compare a single item
        }
        keyed.sort(reverse ? order.reversed() : order);
        return new ArrayList<>(keyed.stream().map(Map.Entry::getValue).toList());
    }

    private static Object dictSort(Object value, Arguments arguments, Budget budget) {
        Arguments.Bound bound = arguments.bound("the filter dictsort", "case_sensitive", "by", "reverse");
        String by = bound.text("by", "key").toString();
        if (!by.equals("key") && !by.equals("value")) {
            throw Fault.failed("dictsort sorts by key or value.");
        }
        if (!(value instanceof Dict dict)) {
            throw value instanceof Undefined missing ? missing.fault()
                : Fault.failed("the filter dictsort takes a dict, not %s.".formatted(Python.type(value)));
        }
        boolean exact = bound.flag("case_sensitive", false, budget);
        int place = by.equals("key") ? 0 : 1;
        budget.step(dict.entries().size());
        return Items.list(sorted(ListMethods.pairs(dict), pair -> folded(((Items) pair).list().get(place), exact),
            bound.flag("reverse", false, budget), budget));
    }

    private static Object unique(Object value, Arguments arguments, Budget budget) {
        Arguments.Bound bound = arguments.bound("the filter unique", "case_sensitive", "attribute");
        UnaryOperator<Object> part = attribute(bound, budget);
        boolean exact = bound.flag("case_sensitive", false, budget);
        return new Lazy(() -> {
            Set<Object> seen = new HashSet<>();
            return new ArrayList<>(iterated(value, budget).stream()
                .filter(item -> seen.add(Python.key(folded(part.apply(item), exact)))).toList());
        });
    }

    private static Object reverse(Object value, Arguments arguments, Budget budget) {
        Filters.withoutArguments(value, arguments);
        if (value instanceof Text text) {
            List<Object> letters = iterated(text, budget);
            Collections.reverse(letters);
            return TextMethods.join(Text.EMPTY, letters, budget);
        }
        if (value instanceof View || value instanceof Dict) {
            throw Fault.unsupported("reversing a " + Python.type(value));
        }
        List<Object> items = iterated(value, budget);
        Collections.reverse(items);
        return new Lazy(() -> items);
    }

    private static Object minOrMax(String filter, Object value, Arguments arguments, int sign, Budget budget) {
        Arguments.Bound bound = arguments.bound("the filter " + filter, "case_sensitive", "attribute");
        UnaryOperator<Object> part = attribute(bound, budget);
        boolean exact = bound.flag("case_sensitive", false, budget);
        Object best = null;
        for (Object item : iterated(value, budget)) {
            if (best == null || sign * Python.compare(folded(part.apply(item), exact), folded(part.apply(best), exact), budget) > 0) {
                best = item;
            }
        }
        return best == null ? new Undefined("No aggregated item, sequence was empty") : best;
    }
}
