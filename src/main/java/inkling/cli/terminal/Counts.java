package inkling.cli.terminal;

import inkling.errors.ConfigException;

/** Checks of numbers on the command line that count something. */
public final class Counts {
    private Counts() {}

    public static void requireAtLeastOne(String option, int value) {
        if (value < 1) {
            throw new ConfigException("%s %d must be at least 1.".formatted(option, value));
        }
    }
}
