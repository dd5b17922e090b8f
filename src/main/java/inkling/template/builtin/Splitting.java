package inkling.template.builtin;

import inkling.template.value.Arguments;
import inkling.template.value.Fault;
import inkling.template.value.Text;
import inkling.template.value.Values.Items;
import inkling.template.value.Values.None;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The methods of Python's strings that split them. */
final class Splitting {
    private Splitting() {}

    /** Python's {@code split(sep, maxsplit)}. */
    static List<Object> split(Text self, Arguments.Bound arguments) {
        long most = most(arguments);
        if (arguments.optional("sep").orElse(None.NONE) == None.NONE) {
            return words(self, most);
        }
        String separator = separator(arguments);
        List<Object> parts = new ArrayList<>();
        int from = 0;
        for (int at = self.toString().indexOf(separator); at >= 0 && parts.size() < most; at = self.toString().indexOf(separator, from)) {
            parts.add(self.sub(from, at));
            from = at + separator.length();
        }
        parts.add(self.sub(from, self.length()));
        return parts;
    }

    /** Python's {@code rsplit(sep, maxsplit)}. */
    static List<Object> splitFromEnd(Text self, Arguments.Bound arguments) {
        long most = most(arguments);
        if (arguments.optional("sep").orElse(None.NONE) == None.NONE) {
            if (most < Long.MAX_VALUE) {
                throw Fault.unsupported("rsplit() by white space with a limit");
            }
            return words(self, most);
        }
        String separator = separator(arguments);
        List<Object> parts = new ArrayList<>();
        int to = self.length();
        for (int at = last(self, separator, to); at >= 0 && parts.size() < most; at = last(self, separator, to)) {
            parts.add(self.sub(at + separator.length(), to));
            to = at;
        }
        parts.add(self.sub(0, to));
        Collections.reverse(parts);
        return parts;
    }

    private static int last(Text self, String separator, int to) {
        return self.toString().lastIndexOf(separator, to - separator.length());
    }

    private static long most(Arguments.Bound arguments) {
        long most = arguments.number("maxsplit", -1);
        return most < 0 ? Long.MAX_VALUE : most;
    }

    private static String separator(Arguments.Bound arguments) {
        String separator = arguments.text("sep", "").toString();
        if (separator.isEmpty()) {
            throw Fault.failed("the separator of split() or rsplit() is empty.");
        }
        return separator;
    }

    private static List<Object> words(Text self, long most) {
        String text = self.toString();
        List<Object> words = new ArrayList<>();
        int at = 0;
        while (true) {
            while (at < text.length() && WhiteSpace.is(text.charAt(at))) {
                at++;
            }
            if (at == text.length()) {
                return words;
            }
            int start = at;
            while (at < text.length() && !WhiteSpace.is(text.charAt(at))) {
                at++;
            }
            if (words.size() == most) {   // the rest, with its white space
                words.add(self.sub(start, text.length()));
                return words;
            }
            words.add(self.sub(start, at));
        }
    }

    /** Python's {@code splitlines(keepends)}. */
    static List<Object> lines(Text self, boolean keepEnds) {
        String text = self.toString();
        List<Object> lines = new ArrayList<>();
        for (int from = 0, end; from < text.length(); from = end) {
            int at = from;
            while (at < text.length() && !WhiteSpace.endsLine(text.charAt(at))) {
                at++;
            }
            end = at == text.length() ? at : text.startsWith("\r\n", at) ? at + 2 : at + 1;
            lines.add(self.sub(from, keepEnds ? end : at));
        }
        return lines;
    }

    /** Python's {@code partition}, which cuts at the first separator, if {@code first}; else {@code rpartition}, which cuts at the last. */
    static Items partition(Text self, Text separator, boolean first) {
        if (separator.isEmpty()) {
            throw Fault.failed("the separator of partition() or rpartition() is empty.");
        }
        int at = first ? self.toString().indexOf(separator.toString()) : self.toString().lastIndexOf(separator.toString());
        if (at < 0) {
            return first ? Items.tuple(self, Text.EMPTY, Text.EMPTY) : Items.tuple(Text.EMPTY, Text.EMPTY, self);
        }
        return Items.tuple(self.sub(0, at), separator, self.sub(at + separator.length(), self.length()));
    }
}
