package inkling.template.value;

/**
 * Limits what one run of a template may use: steps, levels of nesting, and characters. The limits are far above what any real template
 * needs. Making a text uses up characters, even if the text is never printed. Repeating a text or list can cost far more than its length,
 * so a repetition asks here before it begins. So a hostile template ends soon.
 *
 * <p>All methods but {@link #leave} throw {@link Fault} at the limit.
 */
public final class Budget {
    private static final long MOST_STEPS = 10_000_000;
    private static final long MOST_CHARACTERS = 1L << 24;
    static final int CHARACTERS_A_STEP = 64;   // of a text that is read
    private static final int COPIES = 16;   // characters that are added to the limit for each character of the variables
    private static final int MOST_DEPTH = 500;

    private final long mostCharacters;
    private long steps;
    private long characters;
    private int depth;

    /** @param given the number of characters in all variables of the template */
    public Budget(long given) {
        mostCharacters = MOST_CHARACTERS + COPIES * given;
    }

    /** Begins a level of nesting, which counts as a step. {@link #leave} ends the level. */
    public void enter() {
        step(1);
        if (++depth > MOST_DEPTH) {
            throw Fault.limit("the template is nested deeper than %d levels.".formatted(MOST_DEPTH));
        }
    }

    public void leave() {
        depth--;
    }

    /**
     * Asks for {@code count} more steps. Computing the length of a text, {@code part in text} or {@code text[index]}, or comparing a text,
     * takes one step for every {@link #CHARACTERS_A_STEP} characters of the text.
     */
    public void step(long count) {
        steps = sum(steps, count);
        if (steps > MOST_STEPS) {
            throw Fault.limit("the template takes more than %,d steps.".formatted(MOST_STEPS));
        }
    }

    /** The sum of two counts, or a number above every limit if it does not fit into 64 bits. */
    private static long sum(long used, long count) {
        return used + Math.min(count, Long.MAX_VALUE - used);
    }

    /** Asks for {@code count} more characters. */
    public void characters(long count) {
        characters = sum(characters, count);
        if (characters > mostCharacters) {
            throw Fault.limit("the template writes more than %,d characters.".formatted(mostCharacters));
        }
    }
}
