package inkling.cli.model;

import inkling.cli.terminal.Console;
import inkling.errors.Printable;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Supplier;

/** Gives the prompt to print before each sample; it is dim on a terminal. */
final class PromptEcho {
    private static final String DIM = "\u001b[2m";
    private static final String NORMAL = "\u001b[0m";

    private final Supplier<String> prompt;
    private final Set<Integer> echoed = new HashSet<>();

    /** @param prompt gives the prompt, or "" to print none; called by the first {@link #before} of each sample */
    PromptEcho(Supplier<String> prompt) {
        this.prompt = prompt;
    }

    /** The text to print before the next text of {@code sample}: the prompt before its first text, later "". */
    String before(int sample) {
        if (!echoed.add(sample)) {
            return "";
        }
        String shown = Printable.text(prompt.get());
        return shown.isEmpty() || !Console.isTerminal() ? shown : DIM + shown + NORMAL;
    }
}
