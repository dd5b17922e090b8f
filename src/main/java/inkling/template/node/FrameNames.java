package inkling.template.node;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * The names that one frame of a template uses. A frame is the whole template, or the body of a loop, macro or block. Jinja decides before a
 * template runs which names are the frame's own. No frame around uses such a name, and its first use in the frame sets it, outside of every
 * {@code if}. It is undefined until it is set, even if the template was given a variable of that name.
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

    /** Notes that the names up to {@link #leaveBranch} are inside of an {@code if}. */
    public void enterBranch() {
        branches++;
    }

    public void leaveBranch() {
        branches--;
    }

    private boolean uses(String name) {
        return used.contains(name) || around.isPresent() && around.get().uses(name);
    }

    /** The names that are undefined when the frame begins. They are known only when the whole template has been parsed. */
    Set<String> unset() {
        if (around.isPresent()) {
            setFirst.removeIf(around.get()::uses);
        }
        return setFirst;
    }
}
