package inkling.generate;

/**
 * A model that reads several sequences of the same length together and gives the next token's logits for each. The model keeps what it has
 * read in a key/value cache, so that each token is computed once. At first there is one empty sequence. Positions count from 0 at a
 * sequence's first token.
 */
public interface NextLogits {
    /** V, the size of the vocabulary. */
    int vocabSize();

    /** The most tokens of a sequence that the model can read. */
    int contextLength();

    /** The most sequences of {@code tokens} tokens that may be read together, so that memory suffices; at least 1. */
    int mostSequences(int tokens);

    /**
     * Appends the tokens {@code ids[i]} to sequence i, and returns for each sequence the logits (V) of its next token. Every {@code ids[i]}
     * has the same length, at least 1. The next call may reuse the returned arrays.
     */
    float[][] read(int[]... ids);

    /**
     * Reads whole texts of the same length, at most the context, and returns the logits as {@link #read} does. The sequences that
     * {@link #read} appends to are neither used nor changed.
     */
    float[][] readApart(int[]... texts);

    /**
     * Replaces the sequences: the new sequence i is the first {@code length} tokens of the old sequence {@code rows[i]}.
     *
     * <ul>
     * <li>{@code keep(0, 64, 0)} starts again with one empty sequence.
     * <li>{@code keep(5, 64, 0, 0, 0)} makes three sequences that begin with the same 5 tokens.
     * <li>{@code keep(9, 64, 0, 2)} drops the second of three sequences.
     * </ul>
     *
     * @param room the length to which each sequence may grow, at most the context
     */
    void keep(int length, int room, int... rows);
}
