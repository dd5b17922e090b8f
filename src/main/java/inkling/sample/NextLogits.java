package inkling.sample;

/**
 * A model that reads one sequence and says what comes next. It remembers what it read (a key/value cache), so that each token is computed
 * once. Positions count from 0 at the first token read after {@code rewind(0)}.
 */
public interface NextLogits {
    /** V. */
    int vocabSize();

    /** The most tokens that can have been read at one time. */
    int contextLength();

    /**
     * Reads {@code ids} (at least one) after what was read before and returns the logits (V) of the token that follows the last.
     * The array may be used again by the next call.
     */
    float[] read(int... ids);

    /** Keeps the first {@code length} tokens that were read and forgets the others; 0 begins anew. */
    void rewind(int length);
}
