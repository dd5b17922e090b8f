package inkling.cli;

import inkling.io.ConfigException;

/** Numbers on the command line that count something. */
final class Counts {
    private Counts() {}

    static void requireAtLeastOne(String option, int value) {
        if (value < 1) {
            throw new ConfigException("%s %d must be at least 1.".formatted(option, value));
        }
    }
}
