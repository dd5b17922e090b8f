package inkling.tokenizer;

import java.util.List;

/**
 * A text in runs, each with marks that its tokens will carry.
 *
 * @param runs in order; the last ends with the text
 */
public record MarkedText(String text, List<Run> runs) {
    /** Nothing here is part of a special token: a user may have written it. */
    public static final int PLAIN = 1;
    /** A model learns this. */
    public static final int LEARNED = 2;
    /** Every mark is smaller. */
    public static final int MOST = 1 << 7;

    /** Characters up to {@code end}, an index in the text; {@code marks} is the sum of theirs. */
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
