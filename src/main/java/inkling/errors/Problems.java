package inkling.errors;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Collects the broken rules of a config record, so that one exception reports all of them.
 * {@code new Problems().check(nHead > 0, "n_head", "n_head = %d must be positive.", nHead).throwIfAny();}
 */
public final class Problems {
    private final List<ConfigException.Problem> found = new ArrayList<>();

    /** Adds a problem with {@code field} unless {@code holds}; {@code message} and {@code args} are as in {@link String#format}. */
    public Problems check(boolean holds, String field, String message, Object... args) {
        if (!holds) {
            found.add(new ConfigException.Problem(field, String.format(Locale.ROOT, message, args)));
        }
        return this;
    }

    /** Adds the problems of another record. */
    public Problems add(ConfigException others) {
        found.addAll(others.problems());
        return this;
    }

    /** The result of {@code made}; empty if it throws a {@link ConfigException}, whose problems are added to these. */
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
