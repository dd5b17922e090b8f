package inkling.cli.terminal;

import inkling.errors.ConfigException;

/** Checks of options that count something, e.g. {@code --top 5}. */
public final class Counts {
    private Counts() {}

    /** @throws ConfigException if {@code value} is below 1 */
    public static void requireAtLeastOne(String option, int value) {
        if (value < 1) {
            throw new ConfigException("%s %d must be at least 1.".formatted(option, value));
        }
    }
}
