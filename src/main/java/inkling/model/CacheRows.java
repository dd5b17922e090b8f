package inkling.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import inkling.engine.KernelList;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The rows that {@link DecodeStep} computes: in each pass, row i appends one token to the i-th cache of a list. Each cache holds one
 * sequence; the sequences may have different lengths. A cache that is listed n times gets n tokens, one after the other. If a cache
 * allocates its arrays again, its CacheRows are out of date ({@link #isOf}): make new ones.
 */
public final class CacheRows implements AutoCloseable {
    private final List<KvCache> caches;
    private final int[] allocations; // each cache's KvCache.allocations() when these rows were made
    private final NDManager manager;
    private final KernelList keys;   // layer by layer, one array for each row
    private final KernelList values;

    /** @param caches each holds one sequence */
    public CacheRows(List<KvCache> caches, NDManager parent) {
        this.caches = List.copyOf(caches);
        this.allocations = this.caches.stream().mapToInt(KvCache::allocations).toArray();
        this.manager = parent.newSubManager();
        int blocks = caches.get(0).blocks();
        try {
            keys = listed(IntStream.range(0, blocks).boxed().flatMap(i -> caches.stream().map(cache -> cache.key(i))).toList());
            values = listed(IntStream.range(0, blocks).boxed().flatMap(i -> caches.stream().map(cache -> cache.value(i))).toList());
        } catch (RuntimeException e) {
            manager.close();
            throw e;
        }
    }

    private KernelList listed(List<NDArray> arrays) {
        List<NDArray> rows = new ArrayList<>();
        try {
            arrays.forEach(array -> rows.add(array.squeeze(0)));  // (n_kv, capacity, hs)
            return KernelList.of(rows, manager);
        } finally {
            rows.forEach(NDArray::close);
        }
    }

    /** Whether {@code others} are the caches of these rows in the same order, and none of them has allocated its arrays again since. */
    public boolean isOf(List<KvCache> others) {
        return others.size() == caches.size() && IntStream.range(0, allocations.length)
            .allMatch(i -> others.get(i) == caches.get(i) && caches.get(i).allocations() == allocations[i]);
    }

    /** The position of each row's token. @throws IllegalArgumentException if a cache has no room for its tokens */
    int[] starts() {
        Map<KvCache, Integer> next = new IdentityHashMap<>();
        return caches.stream().mapToInt(cache -> {
            int start = next.merge(cache, cache.length(), (before, length) -> before + 1);
            if (start >= cache.capacity()) {
                throw new IllegalArgumentException("a cache with room for %d tokens has no place for another".formatted(cache.capacity()));
            }
            return start;
        }).toArray();
    }

    void advance() {
        caches.forEach(cache -> cache.advance(1));
    }

    KernelList keys() {
        return keys;
    }

    KernelList values() {
        return values;
    }

    /** Frees these rows; the caches stay open. */
    @Override
    public void close() {
        manager.close();
    }
}
