package inkling.template.value;

/**
 * What one run of a template may take, far more than any real template needs: steps, nesting, and characters, counted over all texts that
 * it makes. Every operation whose cost is not bounded by its operands' lengths asks here first, so that a hostile template ends soon.
 */
public final class Budget {
    private static final long MOST_STEPS = 10_000_000;
    private static final long MOST_CHARACTERS = 1L << 24;
    private static final int COPIES = 16;   // of all that it was given
    private static final int MOST_DEPTH = 500;

    private final long mostCharacters;
    private long steps;
    private long characters;
    private int depth;

    /** @param given the characters of all that the template is given */
    public Budget(long given) {
        mostCharacters = MOST_CHARACTERS + COPIES * given;
    }

    /** One step deeper; {@link #leave} ends it. */
    public void enter() {
        step(1);
        if (++depth > MOST_DEPTH) {
            throw Fault.limit("the template is nested deeper than %d levels.".formatted(MOST_DEPTH));
        }
    }

    public void leave() {
        depth--;
    }

    public void step(long count) {
        steps += count;
        if (steps > MOST_STEPS) {
            throw Fault.limit("the template takes more than %,d steps.".formatted(MOST_STEPS));
        }
    }

    /** Asks for {@code count} more characters. */
    public void characters(long count) {
        characters += count;
        if (characters > mostCharacters) {
            throw Fault.limit("the template writes more than %,d characters.".formatted(mostCharacters));
        }
    }
}
