package inkling.generate;

/**
 * A model that reads sequences of one length side by side and says what comes next in each. It remembers what it read (a key/value cache),
 * so that each token is computed once. There is one sequence, without tokens, at first; positions count from 0 at a sequence's first token.
 */
public interface NextLogits {
    /** V. */
    int vocabSize();

    /** The most tokens of a sequence that can be in view. */
    int contextLength();

    /** How many sequences of {@code tokens} tokens may be read side by side in the memory that is meant for it; at least 1. */
    int widest(int tokens);

    /**
     * Reads {@code ids[i]} (all equally many, at least one) after what sequence i has read before; returns for each the logits (V) of the
     * token that follows the last. The arrays may be used again by the next call.
     */
    float[][] read(int[]... ids);

    /** As {@link #read} of whole sequences, each at most the context long; what was read before is neither used nor changed. */
    float[][] readApart(int[]... texts);

    /**
     * From now on sequence i has read the first {@code length} tokens of what {@code rows[i]} had: {@code keep(0, 64, 0)} begins anew,
     * {@code keep(5, 64, 0, 0, 0)} shares a prompt of 5 tokens out to three, {@code keep(9, 64, 0, 2)} lets the second of them go.
     *
     * @param room tokens that each sequence can come to, at most the context
     */
    void keep(int length, int room, int... rows);
}
