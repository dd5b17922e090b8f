package inkling.tokenizer;

import java.util.List;

/**
 * A text in runs, each with marks. A mark is one bit. When the text is encoded, each id gets the marks of its characters.
 *
 * @param runs in order; the last ends with the text
 */
public record MarkedText(String text, List<Run> runs) {
    /** A user may have written the characters with this mark: no special token is found in them. */
    public static final int PLAIN = 1;
    /** A model is trained to write the characters with this mark. */
    public static final int LEARNED = 2;
    /** The marks of a run are below this number, so that they fit into a byte. */
    public static final int MOST = 1 << 7;

    /** The characters from the end of the run before up to index {@code end} of the text, and the sum of their marks. */
    public record Run(int end, int marks) {}

    public MarkedText {
        runs = List.copyOf(runs);
        int last = 0;
        for (Run run : runs) {
            if (run.end <= last || run.marks < 0 || run.marks >= MOST) {
                throw new IllegalArgumentException("A run after index %d has the end %d and the marks %d; marks are 0 … %d, runs not empty."
                    .formatted(last, run.end, run.marks, MOST - 1));
            }
            last = run.end;
        }
        if (last != text.length()) {
            throw new IllegalArgumentException("The runs have %d characters, the text has %d.".formatted(last, text.length()));
        }
    }
}
