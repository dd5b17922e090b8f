package inkling.cli.model;

import inkling.cli.terminal.Console;
import inkling.errors.Printable;
import java.util.HashSet;
import java.util.Set;

/** The prompt before each sample that continues it, dim on a terminal. */
final class PromptEcho {
    private static final String DIM = "\u001b[2m";
    private static final String NORMAL = "\u001b[0m";

    private final String prompt;
    private final Set<Integer> echoed = new HashSet<>();

    /** @param prompt "" for none */
    PromptEcho(String prompt) {
        String shown = Printable.text(prompt);
        this.prompt = shown.isEmpty() || !Console.isTerminal() ? shown : DIM + shown + NORMAL;
    }

    /** What stands before the next words of {@code sample}: the prompt before its first, then nothing. */
    String before(int sample) {
        return echoed.add(sample) ? prompt : "";
    }
}
