package inkling.template.syntax;

import inkling.template.node.FrameNames;
import inkling.template.node.MacroDefinition;
import inkling.template.value.Fault;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The parser's state about names: the current frame ({@link FrameNames}), the special names that macros use, and the filters and tests
 * that do not exist.
 */
final class Names {
    private FrameNames frame = new FrameNames(Optional.empty());
    private final Deque<FrameNames> outer = new ArrayDeque<>();
    private final Deque<Set<String>> macros = new ArrayDeque<>();
    private final List<Fault> unknown = new ArrayList<>();
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

    /**
     * Begins the parameters and body of a macro. Up to {@link #closeMacro}, {@link #load} adds to the returned set the special names that
     * they use.
     */
    Set<String> openMacro() {
        Set<String> used = new HashSet<>();
        macros.push(used);
        return used;
    }

    void closeMacro() {
        macros.pop();
    }

    /**
     * Notes a filter or test that does not exist. Then {@link #requireKnown} will refuse the template, unless {@link #forgiveAfter}
     * forgets the filter or test. Inside an {@code if} or inline if of the current frame, notes nothing: as in Jinja, the filter or test
     * fails only when it runs.
     */
    void unknown(Fault fault) {
        if (!conditional) {
            unknown.add(fault);
        }
    }

    /** The number of unknown filters and tests that are noted so far. */
    int unknown() {
        return unknown.size();
    }

    /** Forgets the unknown filters and tests after the first {@code count}: they turned out to stand in an inline if. */
    void forgiveAfter(int count) {
        unknown.subList(count, unknown.size()).clear();
    }

    /** Refuses the template for its first unknown filter or test, as Jinja does once it has read the whole template. */
    void requireKnown() {
        if (!unknown.isEmpty()) {
            throw unknown.get(0);
        }
    }

    /** Sets whether what follows stands in an {@code if} or inline if of the current frame. Returns the old value. */
    boolean conditional(boolean now) {
        boolean before = conditional;
        conditional = now;
        return before;
    }
}
