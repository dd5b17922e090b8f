package inkling.data;

import inkling.tokenizer.Tokenizer;
import java.util.Iterator;
import java.util.NoSuchElementException;

/**
 * The windows of text over which a loss is measured, in batches of at most {@code rows} windows. Every pass over the batches gives the same
 * windows.
 *
 * <p>Let S be the sum over all batches of (mean loss of the batch in nats × {@link Batch#targetCount()}). The mean loss of a text is
 * S / {@link #tokens()}, and its bits per byte are S / ln 2 / {@link #bytes}.
 *
 * <p>Example: a text of the tokens 0 1 2 3 4, with T = 2. A − stands for a target that does not count.
 * <ul>
 * <li>{@link #all}: (0 1 → 1 2), (2 3 → 3 4).
 * <li>{@link #strided} with stride 1: (0 1 → 1 2), (1 2 → − 3), (2 3 → − 4).
 * </ul>
 */
public final class EvaluationWindows implements Iterable<Batch> {
    /** Reads window {@code window} of the text into row {@code row} of a batch. */
    @FunctionalInterface
    public interface Reader {
        void read(long window, int row, Batch.Draft batch);
    }

    private final long windows;
    private final int rows;
    private final int columns;
    private final Reader reader;
    private final boolean paired;

    public EvaluationWindows(long windows, int rows, int columns, Reader reader) {
        this(windows, rows, columns, reader, false);
    }

    /** Windows in pairs: windows 2k and 2k + 1 are pair k. A batch has at most {@code pairsABatch} pairs. */
    public static EvaluationWindows ofPairs(long pairs, int pairsABatch, int columns, Reader reader) {
        return new EvaluationWindows(2 * pairs, Math.multiplyExact(2, pairsABatch), columns, reader, true);
    }

    private EvaluationWindows(long windows, int rows, int columns, Reader reader, boolean paired) {
        this.paired = paired;
        if (windows < 1 || rows < 1 || columns < 1) {
            throw new IllegalArgumentException("%d windows in batches of %d × %d".formatted(windows, rows, columns));
        }
        this.windows = windows;
        this.rows = rows;
        this.columns = columns;
        this.reader = reader;
    }

    /** The whole text: window k reads ids [k·T, k·T + T) and predicts the ids one later. The last window may be shorter. */
    public static EvaluationWindows all(Tokens tokens, int rows, int columns) {
        return strided(tokens, rows, columns, columns);
    }

    /**
     * The whole text in overlapping windows: window k starts at k·stride. A target counts only in the first window that has it.
     *
     * @param stride 1 … T; with T, windows do not overlap
     * @throws IllegalArgumentException for another stride, or if the text has fewer than 2 tokens: the first token is never predicted. Also
     *     if {@code rows} is below 1
     */
    public static EvaluationWindows strided(Tokens tokens, int rows, int columns, int stride) {
        if (tokens.count() < 2 || stride < 1 || stride > columns) {
            throw new IllegalArgumentException("%d tokens in windows of %d at stride %d".formatted(tokens.count(), columns, stride));
        }
        long targets = tokens.count() - 1;
        long windows = targets <= columns ? 1 : 1 + (targets - columns + stride - 1) / stride;
        int scoredBefore = columns - stride;   // leading targets of each later window; the window before it has them, too
        return new EvaluationWindows(windows, rows, (int) Math.min(columns, targets), (window, row, batch) -> {
            batch.readWindow(row, tokens, window * stride);
            if (window > 0) {
                batch.ignore(row, scoredBefore);
            }
        });
    }

    /**
     * {@code batches} full batches of windows at random offsets. The same seed gives the same windows. Their loss is a cheap estimate of
     * the whole text's loss.
     *
     * @throws IllegalArgumentException if the text has fewer than T + 1 tokens, or there is no batch, row or column
     */
    public static EvaluationWindows random(Tokens tokens, int rows, int columns, int batches, long seed) {
        if (tokens.count() <= columns) {
            throw new IllegalArgumentException("windows of %d need at least %d tokens, there are %d"
                .formatted(columns, columns + 1L, tokens.count()));
        }
        return new EvaluationWindows((long) batches * rows, rows, columns, (window, row, batch) ->
            batch.readWindow(row, tokens, WindowDraws.EVALUATION.at(seed, window, tokens.count() - columns)));
    }

    public long windows() {
        return windows;
    }

    /** How many batches one pass has. */
    public long batches() {
        return (windows + rows - 1) / rows;
    }

    /** How many tokens one pass predicts. Reads all windows. */
    public long tokens() {
        long sum = 0;
        for (Batch batch : this) {
            sum += batch.targetCount();
        }
        return sum;
    }

    /**
     * The number of UTF-8 bytes in the tokens that one pass predicts. Special tokens such as {@code <|endoftext|>} have none. Reads all
     * windows.
     */
    public long bytes(Tokenizer tokenizer) {
        int[] length = new int[tokenizer.vocabSize()];
        for (int id = 0; id < length.length; id++) {
            length[id] = tokenizer.bytes(id).length;
        }
        long sum = 0;
        for (Batch batch : this) {
            for (long target : batch.targets()) {
                sum += target == Batch.IGNORED ? 0 : length[(int) target];
            }
        }
        return sum;
    }

    @Override
    public Iterator<Batch> iterator() {
        return new Iterator<>() {
            private long next = 0;

            @Override
            public boolean hasNext() {
                return next < windows;
            }

            @Override
            public Batch next() {
                if (!hasNext()) {
                    throw new NoSuchElementException("all %d windows are read".formatted(windows));
                }
                int left = (int) Math.min(rows, windows - next);
                Batch.Draft batch = paired ? Batch.Draft.paired(left, columns) : new Batch.Draft(left, columns);
                for (int r = 0; r < batch.rows(); r++) {
                    reader.read(next++, r, batch);
                }
                return batch.toBatch();
            }
        };
    }
}
