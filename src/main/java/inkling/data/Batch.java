package inkling.data;

/**
 * Inputs and next-token targets of one micro-step, row-major (B, T). A target of {@link #IGNORED} is ignored by the loss.
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

    /** How many targets count: the number of tokens that the loss is the mean over. */
    public int targetCount() {
        int count = 0;
        for (long target : targets) {
            count += target == IGNORED ? 0 : 1;
        }
        return count;
    }
}
