package inkling.generate;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import inkling.engine.ComputeContext;
import inkling.engine.Precision.Storage;
import inkling.model.DecodeStep;
import inkling.model.Gpt;
import inkling.model.KvCache;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * A {@link Gpt} that reads through a key/value cache. Each call frees its intermediate arrays, so memory grows only with the cache and by
 * the copy of the weights. Not safe for several threads: each {@link GenerationSession} owns one.
 *
 * <p>On a CPU, a pass of one token for each sequence runs on all threads or on one, as {@link ThreadChoice} decides. {@link #close} gives
 * the calling thread all of the context's threads again.
 *
 * <p>After {@value #COPY_AFTER} passes of one token of a single sequence, the weights are copied into a form that is read faster
 * (docs/decisions/0009). They are not copied if they are too large, stored in fewer bytes than float32, on a GPU, or have adapters.
 */
public final class GptLogits implements NextLogits, AutoCloseable {
    private static final long MOST_CACHE_BYTES = 512L << 20; // of all sequences that are read together
    private static final int MOST_SEQUENCES = 64;      // more sequences at a time are hardly faster
    private static final int TOKENS_APART = 1_024;     // tokens of readApart in one pass: enough to keep all cores busy

    /**
     * {@link #contextFor} gives work of fewer FLOPs to one thread. Several threads would be hardly faster, because they would wait for each
     * other dozens of times in a few ms.
     */
    private static final double FLOPS_OF_ONE_THREAD = 1e9;

    /** Weights of more bytes are not copied into the faster form. */
    public static final long MOST_COPIED_BYTES = 2L << 30;

    /** Passes of one token before the weights are copied: copying takes about as long as the copy saves in this many passes. */
    static final int COPY_AFTER = 64;

    /** Tokens that a new cache has room for: 60 MB for Qwen2.5-1.5B, whose heads share keys; 630 MB for gpt2-xl. */
    private static final int FIRST_CACHE_TOKENS = 1024;

    private final Gpt gpt;
    private final ComputeContext context;
    private final ComputeContext oneThread;
    private final NDManager manager;
    private final KvCache cache;
    private final ThreadChoice choice = new ThreadChoice(System::nanoTime);
    private final boolean copies;
    private int singles;     // passes of one token so far
    private DecodeStep step; // uses the copy; null before there is one

    /** Borrows {@code gpt}, whose weights must not change until this is closed; the cache's memory is allocated below {@code parent}. */
    public GptLogits(Gpt gpt, NDManager parent, ComputeContext context) {
        this(gpt, parent, context, MOST_COPIED_BYTES);
    }

    /**
     * As {@link #GptLogits(Gpt, NDManager, ComputeContext)}, but weights that take more than {@code mostCopiedBytes} are not copied; with
     * 0, no weights are.
     */
    public GptLogits(Gpt gpt, NDManager parent, ComputeContext context, long mostCopiedBytes) {
        this.gpt = gpt;
        this.context = context;
        this.oneThread = context.withThreads(1);
        this.manager = parent.newSubManager();
        this.cache = new KvCache(manager, gpt.config(), 1, Math.min(FIRST_CACHE_TOKENS, gpt.config().contextLength()));
        this.copies = copies(gpt, manager, mostCopiedBytes);
    }

    /** Whether a copy of the weights makes single tokens faster and takes at most {@code mostCopiedBytes}. */
    public static boolean copies(Gpt gpt, NDManager manager, long mostCopiedBytes) {
        return gpt.lora().isEmpty() && gpt.parameters().storage() == Storage.FLOAT32 && !manager.getDevice().isGpu()
            && Float.BYTES * gpt.parameters().count() <= mostCopiedBytes;
    }

    @Override
    public int vocabSize() {
        return gpt.config().vocabSize();
    }

    @Override
    public int contextLength() {
        return gpt.config().contextLength();
    }

    @Override
    public int mostSequences(int tokens) {
        return (int) Math.max(1, Math.min(MOST_SEQUENCES, MOST_CACHE_BYTES / KvCache.bytes(gpt.config(), tokens)));
    }

    @Override
    public float[][] read(int[]... ids) {
        if (ids[0].length > 1 || context.threads() == 1 || manager.getDevice().isGpu()) {
            contextFor(ids).enter();
            return next(ids);
        }
        (choice.beginOnOne() ? oneThread : context).enter();
        float[][] logits = next(ids);
        choice.end();
        return logits;
    }

    private float[][] next(int[]... ids) {
        try (NDManager scope = manager.newSubManager()) {
            return rows(next(array(ids, scope)));
        }
    }

    /** If {@code ids} do not fit into the cache, doubles its capacity (at most to the context), or more if they need more. */
    private void makeRoom(Shape ids) {
        int needed = cache.length() + (int) ids.get(1);
        if (needed > cache.capacity()) {
            int room = (int) Math.max(needed, Math.min(2L * cache.capacity(), contextLength()));
            cache.keep(cache.length(), room, IntStream.range(0, (int) ids.get(0)).toArray());
        }
    }

    private NDArray next(NDArray ids) {
        makeRoom(ids.getShape());
        boolean one = ids.size() == 1;
        if (!copies || !one || ++singles <= COPY_AFTER) {
            return gpt.next(ids, cache);
        }
        if (step == null) {
            step = gpt.decodeStep().inStrips(manager);
        }
        return step.next(ids, cache);
    }

    /**
     * The context for a pass over {@code tokens} tokens: one thread for little work, else all. The number of threads changes the order of
     * additions. So the choice depends only on the model and the number of tokens, and equal passes give equal bits.
     */
    public static ComputeContext contextFor(Gpt gpt, long tokens, ComputeContext context) {
        return 2.0 * gpt.parameters().count() * tokens < FLOPS_OF_ONE_THREAD ? context.withThreads(1) : context;
    }

    private ComputeContext contextFor(int[][] texts) {
        return contextFor(gpt, (long) texts.length * texts[0].length, context);
    }

    @Override
    public float[][] readApart(int[]... texts) {
        contextFor(texts).enter();
        int atOnce = Math.max(1, TOKENS_APART / texts[0].length);
        float[][] logits = new float[texts.length][];
        for (int from = 0; from < texts.length; from += atOnce) {
            int[][] some = Arrays.copyOfRange(texts, from, Math.min(texts.length, from + atOnce));
            try (NDManager scope = manager.newSubManager()) {
                System.arraycopy(rows(gpt.next(array(some, scope))), 0, logits, from, some.length);
            }
        }
        return logits;
    }

    @Override
    public void keep(int length, int room, int... rows) {
        cache.keep(length, room, rows);
    }

    private static NDArray array(int[][] ids, NDManager scope) {
        return scope.create(Arrays.stream(ids).flatMapToInt(Arrays::stream).asLongStream().toArray(), new Shape(ids.length, ids[0].length));
    }

    /** (B, 1, V) as B arrays. */
    private static float[][] rows(NDArray logits) {
        float[] all = logits.toFloatArray();
        int sequences = (int) logits.getShape().get(0);
        if (sequences == 1) {
            return new float[][] {all};
        }
        float[][] rows = new float[sequences][];
        for (int i = 0; i < sequences; i++) {
            rows[i] = Arrays.copyOfRange(all, i * (all.length / sequences), (i + 1) * (all.length / sequences));
        }
        return rows;
    }

    @Override
    public void close() {
        context.enter();
        manager.close();
    }
}
