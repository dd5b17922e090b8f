package inkling.cli.model;

import inkling.cli.terminal.Console;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Prints one after the other the samples that are generated at the same time. The first incomplete sample is printed as it is generated;
 * later samples wait until those before them are complete.
 */
final class SamplesInOrder {
    private final Map<Integer, StringBuilder> waiting = new HashMap<>();
    private final Set<Integer> complete = new HashSet<>();
    private int turn;

    /** Prints more text of {@code sample}, or keeps it until the sample's turn. */
    void say(int sample, String text) {
        if (sample == turn) {
            Console.out().print(text);
            Console.out().flush();
        } else {
            waiting.computeIfAbsent(sample, i -> new StringBuilder()).append(text);
        }
    }

    /** Prints or keeps the last text of {@code sample}. */
    void end(int sample, String text) {
        say(sample, text);
        complete.add(sample);
        while (complete.remove(turn)) {
            turn++;
            StringBuilder waited = waiting.remove(turn);
            say(turn, waited == null ? "" : waited.toString());
        }
    }
}
