package inkling.sample;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import inkling.engine.Autograd;
import inkling.model.Gpt;
import inkling.model.KvCache;

/** A {@link Gpt} that reads one sequence through a key/value cache; one sub-manager a call, so memory stays flat. */
public final class GptLogits implements NextLogits, AutoCloseable {
    private final Gpt gpt;
    private final NDManager manager;
    private final KvCache cache;

    /** Borrows {@code gpt}; allocates its cache below {@code parent}. */
    public GptLogits(Gpt gpt, NDManager parent) {
        this.gpt = gpt;
        this.manager = parent.newSubManager();
        this.cache = new KvCache(manager, gpt.config(), 1);
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
    public float[] read(int... ids) {
        long[] wide = new long[ids.length];
        for (int i = 0; i < ids.length; i++) {
            wide[i] = ids[i];
        }
        try (NDManager scope = manager.newSubManager(); Autograd off = Autograd.off()) {
            return gpt.next(scope.create(wide, new Shape(1, ids.length)), cache).toFloatArray();
        }
    }

    @Override
    public void rewind(int length) {
        cache.truncate(length);
    }

    @Override
    public void close() {
        manager.close();
    }
}
