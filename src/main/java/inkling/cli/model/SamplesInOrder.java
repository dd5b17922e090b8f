package inkling.cli.model;

import inkling.cli.terminal.Console;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Prints what several samples say at the same time one sample after the other: the first that is not complete as it comes, a later one when
 * those before it are complete.
 */
final class SamplesInOrder {
    private final Map<Integer, StringBuilder> waiting = new HashMap<>();
    private final Set<Integer> complete = new HashSet<>();
    private int turn;

    /** More of {@code sample}. */
    void say(int sample, String text) {
        if (sample == turn) {
            Console.out().print(text);
            Console.out().flush();
        } else {
            waiting.computeIfAbsent(sample, i -> new StringBuilder()).append(text);
        }
    }

    /** The last of {@code sample}. */
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
