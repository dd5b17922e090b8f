package inkling.generate.batch;

import inkling.generate.GptLogits;

/**
 * How much a {@link BatchSession} takes on.
 *
 * @param rows samples that are under way at the same time, 1 to {@link Sequences#MOST_ROWS}
 * @param cacheBytes of the keys and values of all texts, those that are kept for later prompts included
 * @param promptTokens of a new prompt that are read between two tokens of the others, at least 1
 * @param mostCopiedBytes weights of at most this size are copied for passes of one or two rows; 0 for none
 */
public record BatchLimits(int rows, long cacheBytes, int promptTokens, long mostCopiedBytes) {
    /** 8 rows, 512 MiB, 128 tokens, and the copy of weights that other generations make. */
    public static final BatchLimits DEFAULT = new BatchLimits(8, 512L << 20, 128, GptLogits.MOST_COPIED_BYTES);

    public BatchLimits {
        if (rows < 1 || rows > Sequences.MOST_ROWS || promptTokens < 1) {
            throw new IllegalArgumentException("rows = %d must be from 1 to %d, prompt tokens = %d at least 1"
                .formatted(rows, Sequences.MOST_ROWS, promptTokens));
        }
    }
}
