package inkling.tasks;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * One question: which of the endings follows the context.
 *
 * @param source file and line, for messages
 * @param endings as they follow the context, with the space between them; one for a last word
 * @param label the right one, from 0
 */
record Item(String source, String context, List<Ending> endings, int label) {
    /**
     * @param text what is appended to the context
     * @param bytes of the ending in UTF-8, without the space before it: what {@code acc_norm} divides by
     */
    record Ending(String text, int bytes) {
        /** With one space before it. */
        static Ending spaced(String text) {
            return new Ending(" " + text, text.getBytes(StandardCharsets.UTF_8).length);
        }
    }

    Item {
        endings = List.copyOf(endings);
    }
}
