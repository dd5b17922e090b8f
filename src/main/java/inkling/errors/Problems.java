package inkling.errors;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Collects every broken rule of a config record before one exception tells them all.
 * {@code new Problems().check(nHead > 0, "n_head", "n_head = %d must be positive.", nHead).throwIfAny();}
 */
public final class Problems {
    private final List<ConfigException.Problem> found = new ArrayList<>();

    public Problems check(boolean holds, String field, String message, Object... args) {
        if (!holds) {
            found.add(new ConfigException.Problem(field, String.format(Locale.ROOT, message, args)));
        }
        return this;
    }

    /** Adds what another record found. */
    public Problems add(ConfigException others) {
        found.addAll(others.problems());
        return this;
    }

    /** What {@code made} gives; empty if it breaks rules, which are added. */
    public <T> Optional<T> attempt(Supplier<T> made) {
        try {
            return Optional.of(made.get());
        } catch (ConfigException e) {
            add(e);
            return Optional.empty();
        }
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
