package inkling.formats.peft;

import java.util.regex.PatternSyntaxException;

/** Lets tests of other packages use {@link PythonPattern}, Python's regular expressions. */
public final class Patterns {
    private Patterns() {}

    /** @throws PatternSyntaxException saying what is wrong or not supported, or that matching takes too long */
    public static boolean fullMatch(String pattern, String name) {
        return PythonPattern.fullMatch(pattern).test(name);
    }
}
