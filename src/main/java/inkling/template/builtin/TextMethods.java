package inkling.template.builtin;

import inkling.template.value.Arguments;
import inkling.template.value.Budget;
import inkling.template.value.Fault;
import inkling.template.value.Python;
import inkling.template.value.Text;
import inkling.template.value.TextBuilder;
import inkling.template.value.Values.Items;
import inkling.template.value.Values.None;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.IntPredicate;

/** Methods of Python's strings. Characters keep their origins, in changed texts as far as {@link Text#with} can keep them. */
final class TextMethods {
    /** The methods that take arguments by name. */
    private static final Set<String> WITH_NAMES = Set.of("split", "rsplit", "splitlines");

    private TextMethods() {}

    static Object call(Text self, String name, Arguments arguments, Budget budget) {
        if (!WITH_NAMES.contains(name) && !arguments.named().isEmpty()) {
            throw Fault.failed(name + "() takes no arguments by name.");
        }
        budget.characters(self.length() + self.runs());
        return switch (name) {
            case "strip", "lstrip", "rstrip" -> stripped(self, name, arguments);
            case "split" -> Items.list(Splitting.split(self, arguments.bound("split()", "sep", "maxsplit")));
            case "rsplit" -> Items.list(Splitting.splitFromEnd(self, arguments.bound("rsplit()", "sep", "maxsplit")));
            case "splitlines" -> Items.list(Splitting.lines(self, arguments.bound("splitlines()", "keepends")
                .flag("keepends", false, budget)));
            case "partition", "rpartition" -> Splitting.partition(self, argument(name, arguments), name.equals("partition"));
            case "startswith", "endswith" -> beginsOrEnds(self, name, arguments);
            case "replace" -> replaced(self, arguments.bound("replace()", "old", "new", "count"), budget);
            case "removeprefix" -> withoutPrefix(self, argument(name, arguments));
            case "removesuffix" -> withoutSuffix(self, argument(name, arguments));
            case "lower" -> self.with(withoutArguments(self, name, arguments).toString().toLowerCase(Locale.ROOT));
            case "upper" -> self.with(withoutArguments(self, name, arguments).toString().toUpperCase(Locale.ROOT));
            case "capitalize" -> capitalized(withoutArguments(self, name, arguments));
            case "join" -> join(self, Python.items(arguments.bound("join()", "items").required("items"), budget), budget);
            case "find" -> (long) indexOf(self, argument(name, arguments));
            case "rfind" -> (long) codePoints(self, self.toString().lastIndexOf(argument(name, arguments).toString()));
            case "index" -> existingIndex(self, argument(name, arguments));
            case "count" -> count(self, argument(name, arguments));
            case "isdigit", "isdecimal", "isnumeric" -> allAscii(self, name, c -> c >= '0' && c <= '9');
            case "isalpha" -> allAscii(self, name, c -> isLetter(c));
            case "isalnum" -> allAscii(self, name, c -> isLetter(c) || c >= '0' && c <= '9');
            case "isspace" -> !self.isEmpty() && self.toString().codePoints().allMatch(WhiteSpace::is);
            case "isascii" -> self.toString().chars().allMatch(c -> c < 0x80);
            default -> throw Fault.unsupported(name + "() of a string");
        };
    }

    /**
     * Returns {@code self}.
     *
     * @throws Fault if the call has arguments
     */
    private static Text withoutArguments(Text self, String name, Arguments arguments) {
        arguments.bound(name + "()");
        return self;
    }

    /** The only argument of a call, which is a string. */
    private static Text argument(String name, Arguments arguments) {
        Arguments.Bound bound = arguments.bound(name + "()", "argument");
        bound.required("argument");
        return bound.text("argument", "");
    }

    private static Text stripped(Text self, String name, Arguments arguments) {
        Object characters = arguments.bound(name + "()", "characters").optional("characters").orElse(None.NONE);
        return strip(self, characters, !name.equals("rstrip"), !name.equals("lstrip"));
    }

    private static Text replaced(Text self, Arguments.Bound bound, Budget budget) {
        bound.required("old");
        bound.required("new");
        return replace(self, bound.text("old", ""), bound.text("new", ""), bound.number("count", -1), budget);
    }

    private static Text withoutPrefix(Text self, Text prefix) {
        return self.toString().startsWith(prefix.toString()) ? self.sub(prefix.length(), self.length()) : self;
    }

    private static Text withoutSuffix(Text self, Text suffix) {
        return self.toString().endsWith(suffix.toString()) ? self.sub(0, self.length() - suffix.length()) : self;
    }

    private static long existingIndex(Text self, Text part) {
        int at = indexOf(self, part);
        if (at < 0) {
            throw Fault.failed("index(): substring not found.");
        }
        return at;
    }

    private static boolean isLetter(int c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
    }

    /**
     * Whether the text has characters, and {@code holds} is true for each of them. Characters beyond ASCII are refused, since Java may have
     * another Unicode version than Python.
     */
    private static boolean allAscii(Text self, String name, IntPredicate holds) {
        if (self.toString().chars().anyMatch(c -> c >= 0x80)) {
            throw Fault.unsupported(name + "() of characters beyond ASCII");
        }
        return !self.isEmpty() && self.toString().chars().allMatch(holds);
    }

    /**
     * Strips characters from one or both ends.
     *
     * @param characters the characters to strip, a text; None for white space
     */
    static Text strip(Text self, Object characters, boolean left, boolean right) {
        if (!(characters instanceof Text || characters == None.NONE)) {
            throw Fault.failed("the characters to strip must be a string, not %s.".formatted(Python.type(characters)));
        }
        IntPredicate stripped = characters instanceof Text set ? c -> set.toString().indexOf(c) >= 0 : WhiteSpace::is;
        String text = self.toString();
        int from = 0;
        int to = text.length();
        while (left && from < to && stripped.test(text.codePointAt(from))) {
            from += Character.charCount(text.codePointAt(from));
        }
        while (right && from < to && stripped.test(text.codePointBefore(to))) {
            to -= Character.charCount(text.codePointBefore(to));
        }
        return self.sub(from, to);
    }

    private static boolean beginsOrEnds(Text self, String name, Arguments arguments) {
        Object wanted = arguments.bound(name + "()", "argument").required("argument");
        List<Object> all = wanted instanceof Items tuple && tuple.isTuple() ? tuple.list() : List.of(wanted);
        for (Object each : all) {
            if (!(each instanceof Text text)) {
                throw Fault.failed("%s() takes a string or a tuple of strings, not %s.".formatted(name, Python.type(each)));
            }
            if (name.equals("startswith") ? self.toString().startsWith(text.toString()) : self.toString().endsWith(text.toString())) {
                return true;
            }
        }
        return false;
    }

    /** @param count the largest number of replacements; −1 for all */
    static Text replace(Text self, Text old, Text put, long count, Budget budget) {
        if (old.isEmpty()) {
            throw Fault.unsupported("replacing an empty string");
        }
        TextBuilder out = new TextBuilder();
        int from = 0;
        long left = count < 0 ? Long.MAX_VALUE : count;
        for (int at = self.toString().indexOf(old.toString()); at >= 0 && left > 0;
             at = self.toString().indexOf(old.toString(), from), left--) {
            budget.characters(put.length() + put.runs());
            out.add(self, from, at).add(put);
            from = at + old.length();
        }
        budget.characters(self.length() - from + self.runs());
        return out.add(self, from, self.length()).build();
    }

    static Text capitalized(Text self) {
        if (self.isEmpty()) {
            return self;
        }
        String text = self.toString();
        int first = text.codePointAt(0);
        int length = Character.charCount(first);
        if (text.substring(0, length).toUpperCase(Locale.ROOT).length() != length) {
            throw Fault.unsupported("capitalizing \"%s\"".formatted(text.substring(0, length)));
        }
        return self.with(Character.toString(Character.toTitleCase(first)) + text.substring(length).toLowerCase(Locale.ROOT));
    }

    /** Joins {@code items}, which must be strings, with {@code separator} between them. */
    static Text join(Text separator, List<Object> items, Budget budget) {
        TextBuilder out = new TextBuilder();
        for (int i = 0; i < items.size(); i++) {
            if (!(items.get(i) instanceof Text text)) {
                throw Fault.failed("join(): item %d is a %s, expected a string.".formatted(i, Python.type(items.get(i))));
            }
            budget.characters((i == 0 ? 0 : separator.length() + separator.runs()) + text.length() + text.runs());
            out.add(i == 0 ? Text.EMPTY : separator).add(text);
        }
        return out.build();
    }

    private static int indexOf(Text self, Text part) {
        return codePoints(self, self.toString().indexOf(part.toString()));
    }

    private static int codePoints(Text self, int units) {
        return units < 0 ? -1 : self.toString().codePointCount(0, units);
    }

    private static long count(Text self, Text part) {
        if (part.isEmpty()) {
            return self.count() + 1L;
        }
        long count = 0;
        for (int at = self.toString().indexOf(part.toString()); at >= 0;
             at = self.toString().indexOf(part.toString(), at + part.length())) {
            count++;
        }
        return count;
    }
}
