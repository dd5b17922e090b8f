package inkling.generate.batch;

import inkling.generate.GptLogits;

/**
 * How much a {@link BatchSession} takes on.
 *
 * @param rows samples that are under way at the same time, 1 to {@link Sequences#MOST_ROWS}
 * @param cacheBytes the most bytes of keys and values between two steps, including those that are kept for later prompts
 * @param promptTokens the most tokens of a new prompt that one step reads, while the other texts wait for their next token; at least 1.
 *     A prompt longer than the context is read in one step
 * @param mostCopiedBytes float32 weights of at most this size, on a CPU, are copied into a form that small passes read faster; 0 for none
 */
public record BatchLimits(int rows, long cacheBytes, int promptTokens, long mostCopiedBytes) {
    /** 8 rows, 512 MiB, 128 tokens, and the same limit for copied weights as {@link GptLogits}. */
    public static final BatchLimits DEFAULT = new BatchLimits(8, 512L << 20, 128, GptLogits.MOST_COPIED_BYTES);

    public BatchLimits {
        if (rows < 1 || rows > Sequences.MOST_ROWS || promptTokens < 1) {
            throw new IllegalArgumentException("rows = %d must be from 1 to %d, prompt tokens = %d at least 1"
                .formatted(rows, Sequences.MOST_ROWS, promptTokens));
        }
    }
}
