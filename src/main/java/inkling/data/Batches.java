package inkling.data;

/**
 * The batches of a training run, as a pure function of the micro-step k = update · grad_accum_steps + m, where m is the micro-step within
 * the update; update and m count from 0. So a resume needs no state but k, and any thread may ask for any k.
 *
 * <p>Example: {@code Batches.sequential(Tokens.of(0, 1, 2, 3, 4, 5, 6), 2, 2).at(0)} has ids (0 1 / 2 3) and targets (1 2 / 3 4).
 */
@FunctionalInterface
public interface Batches {
    /** The batch of micro-step {@code microStep}, (B, T). */
    Batch at(long microStep);

    /**
     * Windows at random places in a text of n tokens: row r of micro-step k begins at draw k·B + r from {@code seed}. Draws are uniform
     * over 0 … n − T − 1, so that the window's last target is still in the text.
     *
     * @throws IllegalArgumentException with fewer than T + 1 tokens
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
     * The text in its order, again from the beginning after its end. Cell i of micro-step k, from 0 to B·T − 1 in row-major order, has
     * token (k·B·T + i) mod n of the n tokens as id, and token (k·B·T + i + 1) mod n as target.
     *
     * @throws IllegalArgumentException with fewer than T + 1 tokens
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
