package inkling.data;

/**
 * Gives the batch of each micro-step of a training run. Micro-step m of an update has the number k = update · grad_accum_steps + m, where
 * update and m count from 0. A batch is a pure function of k. So a resumed run needs no state but k, and any thread may ask for any k.
 *
 * <p>Example: {@code Batches.sequential(Tokens.of(0, 1, 2, 3, 4, 5, 6), 2, 2).at(0)} has ids (0 1 / 2 3) and targets (1 2 / 3 4).
 */
@FunctionalInterface
public interface Batches {
    /** The batch of micro-step {@code microStep}, (B, T). */
    Batch at(long microStep);

    /**
     * Windows at random places in a text of n tokens. Row r of micro-step k begins at the place that draw k·B + r from {@code seed} gives
     * ({@link WindowDraws}). The places are uniform over 0 … n − T − 1, so that each window's last target is still in the text.
     *
     * @throws IllegalArgumentException if the text has fewer than T + 1 tokens, or B or T is below 1
     */
    static Batches random(Tokens tokens, int rows, int columns, long seed) {
        requireOneWindow(tokens, rows, columns);
        return microStep -> {
            Batch.Draft batch = new Batch.Draft(rows, columns);
            for (int r = 0; r < rows; r++) {
                batch.readWindow(r, tokens, WindowDraws.TRAINING.at(seed, microStep * rows + r, tokens.count() - columns));
            }
            return batch.toBatch();
        };
    }

    /**
     * The text in order. After its end, it begins again. The B·T cells of a batch have the numbers 0 … B·T − 1 in row-major order. In
     * micro-step k, the id of cell i is token (k·B·T + i) mod n of the n tokens. The cell's target is the token after that, (k·B·T + i + 1)
     * mod n.
     *
     * @throws IllegalArgumentException if the text has fewer than T + 1 tokens, or B or T is below 1
     */
    static Batches sequential(Tokens tokens, int rows, int columns) {
        requireOneWindow(tokens, rows, columns);
        int cells = Math.multiplyExact(rows, columns);
        long n = tokens.count();
        return microStep -> {
            Batch.Draft batch = new Batch.Draft(rows, columns);
            long first = Math.multiplyExact(microStep, (long) cells) % n;
            readAround(tokens, first, batch.ids());
            readAround(tokens, (first + 1) % n, batch.targets());
            return batch.toBatch();
        };
    }

    private static void readAround(Tokens tokens, long first, long[] into) {
        long from = first;
        for (int done = 0; done < into.length; from = 0) {
            int length = (int) Math.min(into.length - done, tokens.count() - from);
            tokens.read(from, into, done, length);
            done += length;
        }
    }

    private static void requireOneWindow(Tokens tokens, int rows, int columns) {
        if (rows < 1 || columns < 1 || tokens.count() <= columns) {
            throw new IllegalArgumentException("windows of %d × %d need at least %d tokens, there are %d"
                .formatted(rows, columns, columns + 1L, tokens.count()));
        }
    }
}
