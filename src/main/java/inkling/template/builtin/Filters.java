package inkling.template.builtin;

import inkling.template.value.Arguments;
import inkling.template.value.Budget;
import inkling.template.value.Fault;
import inkling.template.value.Printing;
import inkling.template.value.Python;
import inkling.template.value.PythonJson;
import inkling.template.value.Text;
import inkling.template.value.TextBuilder;
import inkling.template.value.Values.Dict;
import inkling.template.value.Values.Items;
import inkling.template.value.Values.Lazy;
import inkling.template.value.Values.None;
import inkling.template.value.Values.Safe;
import inkling.template.value.Values.Undefined;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Jinja's filters, with {@code tojson} as Transformers replaces it. {@link ListFilters} has the filters of lists, {@link NumberFilters}
 * those of numbers.
 */
public final class Filters {
    /** Computes {@code value | name(arguments)}. */
    @FunctionalInterface
    interface Filter {
        Object apply(Object value, Arguments arguments, Budget budget);
    }

    private static final Map<String, Filter> ALL = new HashMap<>();
    /** Filters of Jinja that are not supported. A template that reaches such a filter while it is rendered ends with an error. */
    private static final Set<String> REFUSED = Set.of("attr", "batch", "center", "e", "escape", "filesizeformat", "forceescape", "format",
        "groupby", "pprint", "random", "slice", "striptags", "truncate", "urlencode", "urlize", "wordcount", "wordwrap", "xmlattr");

    static {
        ALL.put("default", Filters::defaultValue);
        ALL.put("d", Filters::defaultValue);
        ALL.put("string", (value, arguments, budget) -> value instanceof Safe ? withoutArguments(value, arguments)
            : Printing.text(withoutArguments(value, arguments), budget));
        ALL.put("lower", (value, arguments, budget) -> method("lower", value, arguments, budget));
        ALL.put("upper", (value, arguments, budget) -> method("upper", value, arguments, budget));
        ALL.put("capitalize", (value, arguments, budget) -> method("capitalize", value, arguments, budget));
        ALL.put("trim", Filters::trim);
        ALL.put("replace", Filters::replace);
        ALL.put("title", Filters::title);
        ALL.put("indent", Filters::indent);
        ALL.put("length", Filters::length);
        ALL.put("count", Filters::length);
        ALL.put("tojson", Filters::json);
        ALL.put("items", Filters::items);
        ALL.put("safe", (value, arguments, budget) -> value instanceof Safe ? withoutArguments(value, arguments)
            : new Safe(Printing.text(withoutArguments(value, arguments), budget)));
        ListFilters.addTo(ALL);
        NumberFilters.addTo(ALL);
    }

    private Filters() {}

    /** Whether Jinja, as Transformers sets it up, has the filter. */
    public static boolean isKnown(String name) {
        return ALL.containsKey(name) || REFUSED.contains(name);
    }

    /** {@code value | name(arguments)}. */
    public static Object apply(String name, Object value, Arguments arguments, Budget budget) {
        Filter filter = ALL.get(name);
        if (filter == null) {
            throw REFUSED.contains(name) ? Fault.unsupported("the filter " + name)
                : Fault.failed("there is no filter named %s.".formatted(name));
        }
        return filter.apply(value, arguments, budget);
    }

    /**
     * Returns {@code value}, for a filter that takes no arguments.
     *
     * @throws Fault if there are arguments
     */
    static Object withoutArguments(Object value, Arguments arguments) {
        arguments.bound("the filter");
        return value;
    }

    /**
     * The text of {@code value} that a filter works on: the text that a template would print.
     *
     * @throws Fault for a text that is marked safe, and for a value that cannot be printed
     */
    static Text text(Object value, Budget budget) {
        if (value instanceof Safe) {
            throw Fault.unsupported("changing a text that is marked safe");
        }
        return Printing.text(value, budget);
    }

    private static Object method(String name, Object value, Arguments arguments, Budget budget) {
        withoutArguments(value, arguments);
        return TextMethods.call(text(value, budget), name, Arguments.NONE, budget);
    }

    private static Object defaultValue(Object value, Arguments arguments, Budget budget) {
        Arguments.Bound bound = arguments.bound("the filter default", "default_value", "boolean");
        boolean replaced = value instanceof Undefined || bound.flag("boolean", false, budget) && !Python.truth(value, budget);
        return replaced ? bound.optional("default_value").orElse(Text.EMPTY) : value;
    }

    private static Object trim(Object value, Arguments arguments, Budget budget) {
        Object characters = arguments.bound("the filter trim", "chars").optional("chars").orElse(None.NONE);
        Text text = text(value, budget);
        budget.characters(text.length());
        return TextMethods.strip(text, characters, true, true);
    }

    private static Object replace(Object value, Arguments arguments, Budget budget) {
        Arguments.Bound bound = arguments.bound("the filter replace", "old", "new", "count");
        Object count = bound.optional("count").orElse(None.NONE);
        return TextMethods.replace(text(value, budget), text(bound.required("old"), budget), text(bound.required("new"), budget),
            count == None.NONE ? -1 : bound.number("count", -1), budget);
    }

    /**
     * Puts each word's first character in title case, the rest in lower case. Words are separated by white space, hyphens and opening
     * brackets.
     */
    private static Object title(Object value, Arguments arguments, Budget budget) {
        withoutArguments(value, arguments);
        Text text = text(value, budget);
        StringBuilder out = new StringBuilder();
        int start = 0;
        for (int at = 0; at <= text.length(); at++) {
            boolean separates = at < text.length()
                && (WhiteSpace.is(text.toString().charAt(at)) || "-({[<".indexOf(text.toString().charAt(at)) >= 0);
            if (at == text.length() || separates) {
                String word = text.toString().substring(start, at);
                out.append(word.isEmpty() ? "" : TextMethods.capitalized(Text.template(word)).toString());
                if (separates) {
                    out.append(text.toString().charAt(at));
                }
                start = at + 1;
            }
        }
        budget.characters(out.length());
        return text.with(out.toString());
    }

    private static Object indent(Object value, Arguments arguments, Budget budget) {
        Arguments.Bound bound = arguments.bound("the filter indent", "width", "first", "blank");
        boolean first = bound.flag("first", false, budget);
        boolean blank = bound.flag("blank", false, budget);
        if (!(value instanceof Text text)) {
            throw value instanceof Safe ? Fault.unsupported("indenting a text that is marked safe")
                : Fault.failed("the filter indent takes a string, not %s.".formatted(Python.type(value)));
        }
        Object width = bound.optional("width").orElse(4L);
        Text indentation = width instanceof Text given ? given : spaces(bound.number("width", 4), budget);
        List<Object> lines = Splitting.lines(text.plus(Text.template("\n")), false);
        TextBuilder out = new TextBuilder();
        for (int i = 0; i < lines.size(); i++) {
            Text line = (Text) lines.get(i);
            boolean indented = i == 0 ? first : blank || !line.isEmpty();
            budget.characters(1L + line.length() + line.runs() + (indented ? indentation.length() : 0));
            out.add(i == 0 ? Text.EMPTY : Text.template("\n")).add(indented ? indentation : Text.EMPTY).add(line);
        }
        return out.build();
    }

    private static Text spaces(long width, Budget budget) {
        budget.characters(Math.max(0, width));
        return Text.template(" ".repeat((int) Math.max(0, width)));
    }

    private static Object length(Object value, Arguments arguments, Budget budget) {
        withoutArguments(value, arguments);
        return Python.length(value, budget).orElseThrow(() -> Fault.failed("a %s has no length.".formatted(Python.type(value))));
    }

    private static Object json(Object value, Arguments arguments, Budget budget) {
        Arguments.Bound bound = arguments.bound("the filter tojson", "ensure_ascii", "indent", "separators", "sort_keys");
        Object indent = bound.optional("indent").orElse(None.NONE);
        Optional<Text> step = indent == None.NONE ? Optional.empty()
            : Optional.of(indent instanceof Text given ? given : spaces(bound.number("indent", 0), budget));
        Object separators = bound.optional("separators").orElse(None.NONE);
        Text between = Text.template(step.isPresent() ? "," : ", ");
        Text colon = Text.template(": ");
        if (separators instanceof Items pair && pair.list().size() == 2 && pair.list().stream().allMatch(each -> each instanceof Text)) {
            between = (Text) pair.list().get(0);
            colon = (Text) pair.list().get(1);
        } else if (separators != None.NONE) {
            throw Fault.failed("separators of the filter tojson must be two strings.");
        }
        return PythonJson.write(value, new PythonJson.Style(bound.flag("ensure_ascii", false, budget), step, between, colon,
            bound.flag("sort_keys", false, budget)), budget);
    }

    private static Object items(Object value, Arguments arguments, Budget budget) {
        withoutArguments(value, arguments);
        return new Lazy(() -> {
            if (value instanceof Undefined) {
                return List.of();
            }
            if (value instanceof Dict dict) {
                budget.step(dict.entries().size());
                return ListMethods.pairs(dict);
            }
            throw Fault.failed("the filter items takes a mapping, not %s.".formatted(Python.type(value)));
        });
    }
}
