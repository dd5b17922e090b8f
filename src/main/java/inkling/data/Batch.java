package inkling.data;

import java.util.Arrays;

/**
 * The inputs (token ids) and next-token targets of B windows, each (B, T) in row-major order. The loss ignores a target of
 * {@link #IGNORED}. The arrays are plain Java arrays, so that any thread can prepare a batch; the code that runs the model makes NDArrays
 * of them.
 *
 * <p>Rows can be pairs of answers: row 2k has the chosen answer, row 2k + 1 the rejected one.
 *
 * @param rows B
 * @param columns T
 * @param reference for each row of a pair, the summed log-probability, in nats, that a reference model gives the row's targets, (B). It
 *     is 0 while it is not known. Empty if rows are not pairs
 */
public record Batch(long[] ids, long[] targets, int rows, int columns, double[] reference) {
    public static final long IGNORED = -1;

    /** A batch whose rows are not pairs. */
    public Batch(long[] ids, long[] targets, int rows, int columns) {
        this(ids, targets, rows, columns, new double[0]);
    }

    public Batch {
        long cells = Math.multiplyExact((long) rows, (long) columns);
        if (ids.length != cells || targets.length != cells) {
            throw new IllegalArgumentException("a batch of %d × %d needs %d ids and targets, got %d and %d"
                .formatted(rows, columns, cells, ids.length, targets.length));
        }
        if (reference.length > 0 && (reference.length != rows || rows % 2 != 0)) {
            throw new IllegalArgumentException("%d rows in pairs have %d numbers of the reference".formatted(rows, reference.length));
        }
    }

    /** Whether rows 2k and 2k + 1 are a pair, which must stay together. */
    public boolean isPaired() {
        return reference.length > 0;
    }

    /** The number of terms whose mean is the loss: the pairs if rows are pairs, else the counted targets. */
    public int lossCount() {
        return isPaired() ? rows / 2 : targetCount();
    }

    /** The rows {@code from … to − 1}. */
    public Batch part(int from, int to) {
        return new Batch(Arrays.copyOfRange(ids, from * columns, to * columns), Arrays.copyOfRange(targets, from * columns, to * columns),
            to - from, columns, isPaired() ? Arrays.copyOfRange(reference, from, to) : reference);
    }

    /** How many targets are not {@link #IGNORED}. */
    public int targetCount() {
        int count = 0;
        for (long target : targets) {
            count += target == IGNORED ? 0 : 1;
        }
        return count;
    }

    /** A batch that is being filled. At first every id is 0 and every target is {@link #IGNORED}. */
    public record Draft(long[] ids, long[] targets, int rows, int columns, double[] reference) {
        public Draft(int rows, int columns) {
            this(rows, columns, 0);
        }

        private Draft(int rows, int columns, int paired) {
            this(new long[Math.multiplyExact(rows, columns)], new long[rows * columns], rows, columns, new double[paired]);
            Arrays.fill(targets, IGNORED);
        }

        /** A draft whose rows are pairs. */
        public static Draft paired(int rows, int columns) {
            return new Draft(rows, columns, rows);
        }

        /**
         * Fills row {@code row}: ids from {@code offset} on, and as targets the ids one later. If the text ends first, the rest of the row
         * stays as it is.
         */
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
            return new Batch(ids, targets, rows, columns, reference);
        }
    }
}
