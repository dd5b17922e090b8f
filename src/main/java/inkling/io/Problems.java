package inkling.io;

import java.util.ArrayList;
import java.util.List;

/**
 * Collects every broken rule of a config record before one exception tells them all.
 * {@code new Problems().check(nHead > 0, "n_head", "n_head = %d must be positive.", nHead).throwIfAny();}
 */
public final class Problems {
    private final List<ConfigException.Problem> found = new ArrayList<>();

    public Problems check(boolean holds, String field, String message, Object... args) {
        if (!holds) {
            found.add(new ConfigException.Problem(field, message.formatted(args)));
        }
        return this;
    }

    public boolean none() {
        return found.isEmpty();
    }

    public void throwIfAny() {
        if (!found.isEmpty()) {
            throw new ConfigException(found);
        }
    }
}
