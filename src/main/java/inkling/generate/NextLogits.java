package inkling.generate;

/**
 * A model that reads several sequences of the same length together and gives the next token's logits for each. It keeps what it has read in
 * a key/value cache, so that each token is computed once. At first there is one empty sequence; positions count from 0 at a sequence's
 * first token.
 */
public interface NextLogits {
    /** V, the size of the vocabulary. */
    int vocabSize();

    /** The most tokens of a sequence that the model can read. */
    int contextLength();

    /** How many sequences of {@code tokens} tokens may be read together within the memory limit; at least 1. */
    int mostSequences(int tokens);

    /**
     * Appends {@code ids[i]} (the same number for each, at least one) to sequence i, and returns for each the logits (V) of the next token.
     * The next call may reuse the returned arrays.
     */
    float[][] read(int[]... ids);

    /**
     * Reads whole sequences, each at most as long as the context, and returns the logits as {@link #read} does; the sequences read before
     * are neither used nor changed.
     */
    float[][] readApart(int[]... texts);

    /**
     * Replaces the sequences: the new sequence i is the first {@code length} tokens of the old sequence {@code rows[i]}.
     * {@code keep(0, 64, 0)} starts with an empty sequence, {@code keep(5, 64, 0, 0, 0)} makes three sequences that begin with the same 5
     * tokens, {@code keep(9, 64, 0, 2)} drops the second of three.
     *
     * @param room the length to which each sequence may grow, at most the context
     */
    void keep(int length, int room, int... rows);
}
