package inkling.tokenizer;

import java.util.List;

/**
 * A text in runs. Each run has marks, and a mark is one bit. When the text is encoded, each id gets the marks of its characters.
 *
 * @param runs in order; the last run ends where the text ends
 */
public record MarkedText(String text, List<Run> runs) {
    /** Marks characters that a user may have written: no special token is found in them. */
    public static final int PLAIN = 1;
    /** Marks characters that a model is trained to write. */
    public static final int LEARNED = 2;
    /** The sum of a run's marks is below this number, so that it fits into a byte. */
    public static final int MOST = 1 << 7;

    /** The characters from the end of the previous run up to index {@code end} of the text, and the sum of their marks. */
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
