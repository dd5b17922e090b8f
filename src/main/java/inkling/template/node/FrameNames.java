package inkling.template.node;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The names that one frame of a template uses. A frame is the whole template, or a part with its own variables, e.g. the body of a loop or
 * macro.
 *
 * <p>As in Jinja, some names are the frame's own, which is decided before the template runs. For such a name, two things hold:
 * <ul>
 * <li>No frame around this one uses the name.
 * <li>The first use of the name in this frame sets it, outside of every {@code if} of this frame.
 * </ul>
 * Until the frame sets such a name, the name is undefined, even if the template was given a variable of that name.
 *
 * <p>Only the parser changes the names. A template that runs only reads them, so several threads may run it at once.
 */
public final class FrameNames {
    private final Optional<FrameNames> around;
    private final Set<String> used = new HashSet<>();
    private final Set<String> setFirst = new HashSet<>();
    private int branches;

    public FrameNames(Optional<FrameNames> around) {
        this.around = around;
    }

    /** Notes that the frame reads a name. */
    public void load(String name) {
        used.add(name);
    }

    /** Notes that the frame sets a name. */
    public void store(String name) {
        if (used.add(name) && branches == 0) {
            setFirst.add(name);
        }
    }

    /** Notes a name that has a value from the beginning, such as the variable of a loop. */
    public void parameter(String name) {
        used.add(name);
    }

    /** Notes that the names up to {@link #leaveBranch} are inside an {@code if}. */
    public void enterBranch() {
        branches++;
    }

    public void leaveBranch() {
        branches--;
    }

    private boolean uses(String name) {
        return used.contains(name) || around.isPresent() && around.get().uses(name);
    }

    /** The frame's own names, which are undefined when the frame begins. They are known only when the whole template has been parsed. */
    Stream<String> unset() {
        return setFirst.stream().filter(name -> around.isEmpty() || !around.get().uses(name));
    }
}
