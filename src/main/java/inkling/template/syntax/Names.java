package inkling.template.syntax;

import inkling.template.node.FrameNames;
import inkling.template.node.MacroDefinition;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * The parser's state about names: the current frame ({@link FrameNames}), the special names that macros use, and whether an unknown filter
 * is an error.
 */
final class Names {
    private FrameNames frame = new FrameNames(Optional.empty());
    private final Deque<FrameNames> outer = new ArrayDeque<>();
    private final Deque<Set<String>> macros = new ArrayDeque<>();
    private boolean conditional;

    FrameNames frame() {
        return frame;
    }

    /** Begins a frame inside the current one. */
    FrameNames open() {
        outer.push(frame);
        frame = new FrameNames(Optional.of(frame));
        return frame;
    }

    void close() {
        frame = outer.pop();
    }

    /** Notes that the template reads a name. */
    void load(String name) {
        frame.load(name);
        if (MacroDefinition.SPECIAL.contains(name)) {
            macros.forEach(used -> used.add(name));
        }
    }

    /** Begins the body of a macro. The parser adds to the returned set the special names that the body uses. */
    Set<String> openMacro() {
        Set<String> used = new HashSet<>();
        macros.push(used);
        return used;
    }

    void closeMacro() {
        macros.pop();
    }

    /**
     * Whether the code that is being parsed stands in an {@code if} or inline if of the current frame. There, Jinja refuses an unknown
     * filter or test only when it runs.
     */
    boolean isConditional() {
        return conditional;
    }

    /** Sets {@link #isConditional}, and returns its old value. */
    boolean conditional(boolean now) {
        boolean before = conditional;
        conditional = now;
        return before;
    }
}
