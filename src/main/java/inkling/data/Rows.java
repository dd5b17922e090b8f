package inkling.data;

import java.util.Arrays;

/** A batch being filled, (rows, columns): at first every id is 0 and every target {@link Batch#IGNORED}. */
record Rows(long[] ids, long[] targets, int rows, int columns) {
    Rows(int rows, int columns) {
        this(new long[Math.multiplyExact(rows, columns)], new long[rows * columns], rows, columns);
        Arrays.fill(targets, Batch.IGNORED);
    }

    /** Row {@code row} becomes the ids at {@code offset …} with the ids one later as targets, as far as both exist. */
    void readWindow(int row, Tokens tokens, long offset) {
        int length = (int) Math.min(columns, tokens.count() - 1 - offset);
        tokens.read(offset, ids, row * columns, length);
        tokens.read(offset + 1, targets, row * columns, length);
    }

    /** The first {@code count} targets of a row do not count. */
    void ignore(int row, int count) {
        Arrays.fill(targets, row * columns, row * columns + Math.min(count, columns), Batch.IGNORED);
    }

    Batch toBatch() {
        return new Batch(ids, targets, rows, columns);
    }
}
