package inkling.tokenizer;

import java.util.List;

/**
 * A text in runs. Each run has marks, which its ids keep when it is encoded.
 *
 * @param runs in order; the last ends with the text
 */
public record MarkedText(String text, List<Run> runs) {
    /** No character with this mark becomes part of a special token, since a user may have written it. */
    public static final int PLAIN = 1;
    /** A model is trained to write the characters with this mark. */
    public static final int LEARNED = 2;
    /** The sum of all marks is below this, so that it fits into a byte. */
    public static final int MOST = 1 << 7;

    /** The characters up to index {@code end} of the text, and the sum of their marks. */
    public record Run(int end, int marks) {}

    public MarkedText {
        runs = List.copyOf(runs);
        int last = 0;
        for (Run run : runs) {
            if (run.end <= last || run.marks < 0 || run.marks >= MOST) {
                throw new IllegalArgumentException("run to %d with marks %d behind %d".formatted(run.end, run.marks, last));
            }
            last = run.end;
        }
        if (last != text.length()) {
            throw new IllegalArgumentException("%d characters in runs of %d".formatted(text.length(), last));
        }
    }
}
