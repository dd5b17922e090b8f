package inkling.tasks;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * One item of a task: which of the endings follows the context?
 *
 * @param source file and line, for messages
 * @param endings the possible endings, each with the space, if any, that separates it from the context. If the task asks for the last word,
 *     there is a single ending
 * @param label the index of the right ending, from 0
 */
record Item(String source, String context, List<Ending> endings, int label) {
    /**
     * One possible ending.
     *
     * @param text the text that is appended to the context
     * @param bytes the length of the ending in UTF-8. The white space that separates it from the context does not count. The metric
     *     {@code acc_norm} divides by this length
     */
    record Ending(String text, int bytes) {
        /** An ending with one space before it. */
        static Ending spaced(String text) {
            return new Ending(" " + text, text.getBytes(StandardCharsets.UTF_8).length);
        }
    }

    Item {
        endings = List.copyOf(endings);
    }
}
