package inkling.serve.batch;

import java.util.List;

/** Sequences of tokens that one model reads side by side, each of its own length. For the thread that owns the model. */
interface Sequences extends AutoCloseable {
    /** One of them. Who opens it closes it. */
    interface Sequence extends AutoCloseable {
        /** Tokens read so far. */
        int length();

        @Override
        void close();
    }

    /** An empty one. @param room the most tokens that it will have */
    Sequence open(int room);

    /** Reads more tokens of one sequence; returns the logits (V) of the next. */
    float[] read(Sequence sequence, int... ids);

    /** Reads one token of each sequence, all in one step; returns for each the logits (V) of the next. */
    float[][] step(List<Sequence> sequences, int[] ids);

    /** Forgets all tokens after the first {@code length}, and makes room for {@code room}. */
    void cut(Sequence sequence, int length, int room);

    /** A new sequence with the first {@code length} tokens of another. */
    Sequence copy(Sequence sequence, int length, int room);

    /** Bytes that a sequence with this room takes. */
    long bytes(int room);

    @Override
    void close();
}
