package inkling.template.node;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Which names one frame of a template uses: the whole template, or the body of a loop, macro or block. Jinja decides before a template
 * runs what a name means in a frame: a name that is set there first, outside of every {@code if}, and is known in no frame around, is
 * undefined until it is set, even if the template was given a variable of that name.
 */
public final class FrameNames {
    private final Optional<FrameNames> around;
    private final Set<String> used = new HashSet<>();
    private final Set<String> setFirst = new HashSet<>();
    private int branches;

    public FrameNames(Optional<FrameNames> around) {
        this.around = around;
    }

    public void load(String name) {
        used.add(name);
    }

    public void store(String name) {
        if (used.add(name) && branches == 0) {
            setFirst.add(name);
        }
    }

    /** A name that has a value from the beginning, such as the variable of a loop. */
    public void parameter(String name) {
        used.add(name);
    }

    /** What follows is inside of an {@code if}. */
    public void enterBranch() {
        branches++;
    }

    public void leaveBranch() {
        branches--;
    }

    private boolean uses(String name) {
        return used.contains(name) || around.isPresent() && around.get().uses(name);
    }

    /** The names that are undefined when the frame begins. Only known when the whole template has been read. */
    Set<String> unset() {
        if (around.isPresent()) {
            setFirst.removeIf(around.get()::uses);
        }
        return setFirst;
    }
}
