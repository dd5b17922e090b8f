package inkling.formats.peft;

import java.util.regex.PatternSyntaxException;

/** Gives tests of other packages access to Python's patterns. */
public final class Patterns {
    private Patterns() {}

    /** @throws PatternSyntaxException saying what is wrong or not supported, or that matching takes too long */
    public static boolean fullMatch(String pattern, String name) {
        return PythonPattern.fullMatch(pattern).test(name);
    }
}
