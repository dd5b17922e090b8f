package inkling.generate.batch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import inkling.engine.ComputeContext;
import inkling.generate.GptLogits;
import inkling.generate.ThreadChoice;
import inkling.model.CacheRows;
import inkling.model.DecodeStep;
import inkling.model.Gpt;
import inkling.model.KvCache;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Reads sequences of different lengths with one model. {@link #next} appends a token to each of several sequences and gives the logits
 * after each token. It does so in one pass, so that the weights are read from memory only once. Sequences may be opened, cut, copied and
 * closed between any two calls.
 *
 * <p><b>Same numbers.</b> The rows of a pass are filled up to 1, 2, 4, 8 or 16 ({@link #bucket}). A row's logits, to the last bit, depend
 * only on its token, on its own keys and values, and on that number of rows. The other rows, their lengths and their order do not matter
 * (docs/decisions/0023).
 *
 * <p>An object of this class serves one thread at a time. The caller closes it, or its parent manager, before the model. The weights must
 * not change while it is open.
 */
public final class Sequences implements AutoCloseable {
    /** The most rows of a pass: beyond that, the time of a pass grows as fast as the number of rows. */
    public static final int MOST_ROWS = 16;

    private static final int BUCKETS = 1 + Integer.numberOfTrailingZeros(MOST_ROWS); // 1, 2, 4, 8 and 16 rows
    private static final int FIRST_CACHE_TOKENS = 128;

    private final Gpt gpt;
    private final ComputeContext context;
    private final ComputeContext oneThread;
    private final NDManager manager;
    private final DecodeStep step;
    private final ThreadChoice[] choices; // one each for passes of 1, 2, 4, 8 and 16 rows
    private Optional<CacheRows> lastRows = Optional.empty();

    /**
     * @param mostCopiedBytes float32 weights of at most this size, on a CPU, are copied into a faster order ({@link DecodeStep#packed});
     *     0 for none
     * @throws IllegalStateException if the model has adapters: merge them first
     */
    public Sequences(Gpt gpt, NDManager parent, ComputeContext context, long mostCopiedBytes) {
        this.gpt = gpt;
        this.context = context;
        this.oneThread = context.withThreads(1);
        this.manager = parent.newSubManager();
        this.choices = Stream.generate(() -> new ThreadChoice(System::nanoTime)).limit(BUCKETS).toArray(ThreadChoice[]::new);
        this.step = GptLogits.copies(gpt, manager, mostCopiedBytes) ? gpt.decodeStep().packed(manager) : gpt.decodeStep();
    }

    /** Gives the number of rows that a pass of {@code rows} rows is filled up to: 1, 2, 4, 8 or 16. */
    public static int bucket(int rows) {
        if (rows < 1 || rows > MOST_ROWS) {
            throw new IllegalArgumentException("%d rows: a pass has 1 to %d".formatted(rows, MOST_ROWS));
        }
        return rows == 1 ? 1 : 2 * Integer.highestOneBit(rows - 1);
    }

    /** Opens an empty sequence. */
    public Sequence open() {
        return new Sequence(new KvCache(manager, gpt.config(), 1, Math.min(FIRST_CACHE_TOKENS, gpt.config().contextLength())));
    }

    /** Copies the first {@code tokens} tokens of another sequence; nothing is computed. */
    public Sequence copy(Sequence other, int tokens) {
        Sequence copy = new Sequence(new KvCache(manager, gpt.config(), 1, capacity(tokens)));
        try {
            copy.cache.copy(other.cache, tokens);
            return copy;
        } catch (RuntimeException e) {
            copy.close();
            throw e;
        }
    }

    /** The capacity of a cache that must hold {@code tokens} tokens: 128, doubled until they fit, at most the context length. */
    private int capacity(int tokens) {
        int capacity = FIRST_CACHE_TOKENS;
        while (capacity < tokens) {
            capacity *= 2;
        }
        return Math.min(capacity, gpt.config().contextLength());
    }

    /** Bytes of the keys and values of a sequence that has grown to {@code tokens} tokens, including the room for more tokens. */
    public long bytes(int tokens) {
        return KvCache.bytes(gpt.config(), capacity(tokens));
    }

    /** The most tokens of a sequence. */
    public int contextLength() {
        return gpt.config().contextLength();
    }

    /** The tokens of one text that the model has read, as keys and values. */
    public final class Sequence implements AutoCloseable {
        private final KvCache cache;

        private Sequence(KvCache cache) {
            this.cache = cache;
        }

        /** Tokens read so far. */
        public int length() {
            return cache.length();
        }

        /** Forgets all tokens after the first {@code length}. */
        public void truncate(int length) {
            cache.truncate(length);
        }

        /** Bytes of the keys and values, including the room for more tokens. */
        public long bytes() {
            return KvCache.bytes(gpt.config(), cache.capacity());
        }

        private void makeRoom(int tokens) {
            gpt.config().requireContextFor(cache.length() + tokens);
            if (cache.length() + tokens > cache.capacity()) {
                letGoOfLastRows();
                cache.keep(cache.length(), capacity(cache.length() + tokens), 0);
            }
        }

        @Override
        public void close() {
            cache.close();
            letGoOfLastRows();
        }
    }

    private void letGoOfLastRows() {
        lastRows.ifPresent(CacheRows::close); // while a CacheRows is open, it keeps the memory of its caches in use
        lastRows = Optional.empty();
    }

    /** Appends {@code ids}, at least one, to a sequence, and gives the logits (V) of the token after them. */
    public float[] read(Sequence sequence, int... ids) {
        if (ids.length == 1) {
            return next(List.of(sequence), ids)[0];
        }
        sequence.makeRoom(ids.length);
        GptLogits.contextFor(gpt, ids.length, context).enter();
        try (NDManager scope = manager.newSubManager()) {
            return gpt.next(array(ids, scope, new Shape(1, ids.length)), sequence.cache).toFloatArray();
        }
    }

    /** The logits of the token after a whole text of at most the context; no sequence is used or changed. */
    public float[] readApart(int... ids) {
        GptLogits.contextFor(gpt, ids.length, context).enter();
        try (NDManager scope = manager.newSubManager()) {
            return gpt.next(array(ids, scope, new Shape(1, ids.length))).toFloatArray();
        }
    }

    /**
     * Appends a token to each of 1 to {@link #MOST_ROWS} sequences, and gives for each the logits (V) of its next token. A sequence that is
     * listed n times reads n tokens, one after the other, and gets the logits after each. {@link DraftSession} checks proposed tokens in
     * this way.
     */
    public float[][] next(List<Sequence> sequences, int... ids) {
        if (sequences.size() != ids.length) {
            throw new IllegalArgumentException("%d tokens for %d sequences".formatted(ids.length, sequences.size()));
        }
        int bucket = bucket(ids.length);
        sequences.stream().distinct().forEach(s -> s.makeRoom((int) sequences.stream().filter(other -> other == s).count()));
        ThreadChoice choice = choices[Integer.numberOfTrailingZeros(bucket)];
        boolean chooses = context.threads() > 1 && !manager.getDevice().isGpu();
        (chooses && choice.beginOnOne() ? oneThread : context).enter();
        float[][] logits = next(rowsOf(sequences), Arrays.copyOf(ids, bucket), ids.length);
        if (chooses) {
            choice.end();
        }
        return logits;
    }

    private float[][] next(CacheRows used, int[] padded, int count) {
        try (NDManager scope = manager.newSubManager()) {
            NDArray logits = step.next(array(padded, scope, new Shape(padded.length, 1)), used);
            float[] all = (count < padded.length ? logits.get(":" + count) : logits).toFloatArray();
            int v = gpt.config().vocabSize();
            float[][] rows = new float[count][];
            Arrays.setAll(rows, i -> Arrays.copyOfRange(all, i * v, (i + 1) * v));
            return rows;
        }
    }

    private CacheRows rowsOf(List<Sequence> sequences) {
        List<KvCache> caches = sequences.stream().map(sequence -> sequence.cache).toList();
        if (lastRows.filter(known -> known.isOf(caches)).isEmpty()) {
            letGoOfLastRows();
            lastRows = Optional.of(new CacheRows(caches, manager));
        }
        return lastRows.get();
    }

    private static NDArray array(int[] ids, NDManager scope, Shape shape) {
        return scope.create(Arrays.stream(ids).asLongStream().toArray(), shape);
    }

    /** Frees all sequences and the copy of the weights. The calling thread uses all of the context's threads again. */
    @Override
    public void close() {
        context.enter();
        manager.close();
    }
}
