package inkling.data;

import java.util.Arrays;

/**
 * Inputs and next-token targets of one micro-step, both (B, T), row-major. The loss ignores a target of {@link #IGNORED}.
 * Plain arrays, so that another thread can prepare them; the trainer makes NDArrays of them.
 */
public record Batch(long[] ids, long[] targets, int rows, int columns) {
    public static final long IGNORED = -1;

    public Batch {
        long cells = Math.multiplyExact((long) rows, (long) columns);
        if (ids.length != cells || targets.length != cells) {
            throw new IllegalArgumentException("a batch of %d × %d needs %d ids and targets, got %d and %d"
                .formatted(rows, columns, cells, ids.length, targets.length));
        }
    }

    /** How many targets count: the loss is the mean over so many tokens. */
    public int targetCount() {
        int count = 0;
        for (long target : targets) {
            count += target == IGNORED ? 0 : 1;
        }
        return count;
    }

    /** A batch being filled: at first every id is 0 and no target counts. */
    public record Draft(long[] ids, long[] targets, int rows, int columns) {
        public Draft(int rows, int columns) {
            this(new long[Math.multiplyExact(rows, columns)], new long[rows * columns], rows, columns);
            Arrays.fill(targets, IGNORED);
        }

        /** Fills row {@code row} with the ids from {@code offset} on, and as targets the ids one later, as far as the text reaches. */
        void readWindow(int row, Tokens tokens, long offset) {
            int length = (int) Math.min(columns, tokens.count() - 1 - offset);
            tokens.read(offset, ids, row * columns, length);
            tokens.read(offset + 1, targets, row * columns, length);
        }

        /** Excludes the first {@code count} targets of a row from the loss. */
        void ignore(int row, int count) {
            Arrays.fill(targets, row * columns, row * columns + Math.min(count, columns), IGNORED);
        }

        public Batch toBatch() {
            return new Batch(ids, targets, rows, columns);
        }
    }
}
