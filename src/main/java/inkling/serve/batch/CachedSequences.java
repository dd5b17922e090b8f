package inkling.serve.batch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import inkling.engine.ComputeContext;
import inkling.model.Gpt;
import inkling.model.KvCache;
import java.util.Arrays;
import java.util.List;

/** Sequences with a key/value cache each, over one model's weights. */
final class CachedSequences implements Sequences {
    /** A cache begins with room for so many tokens and doubles, so that a long answer takes memory only as it comes. */
    private static final int FIRST_ROOM = 128;

    /** A model with fewer parameters fits into the processor's cache, and threads that share one operation would only wait. */
    private static final long PARAMETERS_OF_ONE_THREAD = 2_000_000;

    /** For less work than this at once, one thread is nearly as fast as several. */
    private static final double FLOPS_OF_ONE_THREAD = 1e9;

    private final Gpt gpt;
    private final ComputeContext context;
    private final ComputeContext oneThread;
    private final NDManager manager;

    /** Borrows {@code gpt}, whose weights must not change until this is closed. */
    CachedSequences(Gpt gpt, ComputeContext context) {
        this.gpt = gpt;
        this.context = context;
        this.oneThread = context.withThreads(1);
        this.manager = context.manager();
    }

    private final class Cached implements Sequence {
        private final KvCache cache;
        private int most;

        Cached(KvCache cache, int most) {
            this.cache = cache;
            this.most = most;
        }

        @Override
        public int length() {
            return cache.length();
        }

        void makeRoomFor(int tokens) {
            int needed = cache.length() + tokens;
            if (needed > cache.capacity()) {
                cache.keep(cache.length(), Math.max(needed, Math.min(2 * cache.capacity(), most)), 0);
            }
        }

        @Override
        public void close() {
            cache.close();
        }
    }

    @Override
    public Sequence open(int room) {
        return new Cached(new KvCache(manager, gpt.config(), 1, Math.min(FIRST_ROOM, room)), room);
    }

    @Override
    public float[] read(Sequence sequence, int... ids) {
        Cached cached = (Cached) sequence;
        contextFor(ids.length).enter();
        cached.makeRoomFor(ids.length);
        try (NDManager scope = manager.newSubManager()) {
            NDArray array = scope.create(Arrays.stream(ids).asLongStream().toArray(), new Shape(1, ids.length));
            return gpt.next(array, cached.cache).toFloatArray();
        }
    }

    /** How many threads depends on the work alone, because it changes the order of additions. */
    private ComputeContext contextFor(int tokens) {
        boolean small = tokens == 1 ? gpt.parameters().count() < PARAMETERS_OF_ONE_THREAD
            : 2.0 * gpt.parameters().count() * tokens < FLOPS_OF_ONE_THREAD;
        return small ? oneThread : context;
    }

    @Override
    public float[][] step(List<Sequence> sequences, int[] ids) {
        float[][] logits = new float[ids.length][];
        for (int i = 0; i < ids.length; i++) {
            logits[i] = read(sequences.get(i), ids[i]);
        }
        return logits;
    }

    @Override
    public void cut(Sequence sequence, int length, int room) {
        Cached cached = (Cached) sequence;
        cached.cache.truncate(length);
        cached.most = room;
    }

    @Override
    public Sequence copy(Sequence sequence, int length, int room) {
        return new Cached(((Cached) sequence).cache.copy(manager, length, Math.min(room, Math.max(FIRST_ROOM, length))), room);
    }

    @Override
    public long bytes(int room) {
        return KvCache.bytes(gpt.config(), room);
    }

    @Override
    public void close() {
        context.enter();
        manager.close();
    }
}
