package inkling.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import inkling.engine.KernelList;
import inkling.model.config.GptConfig;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The keys and values of all tokens that each of B sequences has so far. Because of the cache, a pass computes them only for new tokens.
 * Each block has two float32 arrays (B, n_kv, capacity, hs). Only {@link #keep} may replace them by new arrays.
 */
public final class KvCache implements AutoCloseable {
    private final NDManager manager;
    private final NDArray[] keys;
    private final NDArray[] values;
    private NDManager lists; // owns the two lists below
    private KernelList listedKeys;
    private KernelList listedValues;
    private int allocations;
    private int sequences;
    private int capacity;
    private int length;

    /** An empty cache for {@code batch} sequences, each with room for the model's whole context. */
    public KvCache(NDManager parent, GptConfig config, int batch) {
        this(parent, config, batch, config.contextLength());
    }

    /** An empty cache for {@code batch} sequences, each with room for {@code room} tokens; {@link #keep} can make more. */
    public KvCache(NDManager parent, GptConfig config, int batch, int room) {
        manager = parent.newSubManager();
        sequences = batch;
        capacity = room;
        keys = new NDArray[config.nLayer()];
        values = new NDArray[config.nLayer()];
        Shape shape = new Shape(batch, config.attention().nKvHead(), capacity, config.attention().headSize());
        try {
            for (int layer = 0; layer < keys.length; layer++) {
                keys[layer] = uninitialised(shape);
                values[layer] = uninitialised(shape);
            }
            list();
        } catch (RuntimeException e) {
            manager.close();
            throw e;
        }
    }

    /** Uninitialised memory: every place is written before it is read. To fill it with zeros would take as long as to compute a token. */
    private NDArray uninitialised(Shape shape) {
        return manager.create(shape, DataType.FLOAT32);
    }

    private void list() {
        lists = manager.newSubManager();
        listedKeys = KernelList.of(Arrays.asList(keys), lists);
        listedValues = KernelList.of(Arrays.asList(values), lists);
        allocations++;
    }

    /** The bytes of a cache for one sequence with room for {@code tokens} tokens. */
    public static long bytes(GptConfig config, int tokens) {
        return 2L * config.nLayer() * config.attention().kvWidth() * tokens * Float.BYTES;
    }

    /** One array per block. */
    KernelList keys() {
        return listedKeys;
    }

    /** One array per block. */
    KernelList values() {
        return listedValues;
    }

    NDArray key(int block) {
        return keys[block];
    }

    NDArray value(int block) {
        return values[block];
    }

    int blocks() {
        return keys.length;
    }

    /** How often the arrays have been allocated. */
    int allocations() {
        return allocations;
    }

    /** The number of tokens in each sequence, which is also the position of the next token. */
    public int length() {
        return length;
    }

    /** How many tokens of each sequence the cache has room for. */
    public int capacity() {
        return capacity;
    }

    void advance(int tokens) {
        length += tokens;
    }

    /** Forgets all tokens after the first {@code toLength}. @throws IllegalArgumentException unless 0 ≤ toLength ≤ {@link #length()} */
    public void truncate(int toLength) {
        if (toLength < 0 || toLength > length) {
            throw new IllegalArgumentException("cannot cut a cache of %d tokens to %d".formatted(length, toLength));
        }
        length = toLength;
    }

    /**
     * Keeps the first {@code toLength} tokens of the sequences {@code rows}: old sequence {@code rows[i]} becomes sequence i.
     *
     * @param room how many tokens of each sequence the cache must have room for
     * @throws IllegalStateException if an earlier call ran out of memory, so that the tokens it should keep are lost, and
     *     {@code toLength} is not 0. With 0 the cache begins again
     */
    public void keep(int toLength, int room, int... rows) {
        truncate(toLength);
        if (length > capacity) {
            throw new IllegalStateException(("the keys and values of %d tokens are lost, because memory had no room for larger arrays:"
                + " keep(0, …) begins again").formatted(length));
        }
        boolean same = rows.length == sequences && IntStream.range(0, sequences).allMatch(i -> rows[i] == i);
        if (same && room <= capacity) {
            return;
        }
        sequences = rows.length;
        capacity = Math.max(room, toLength);
        lists.close(); // the lists would keep the old arrays in memory
        try {
            for (int layer = 0; layer < keys.length; layer++) {
                keys[layer] = kept(keys[layer], same, rows);
                values[layer] = kept(values[layer], same, rows);
            }
            list();
        } catch (RuntimeException e) { // some blocks have new arrays, the others still have the old ones
            sequences = 0;
            capacity = 0;
            throw e;
        }
    }

    /** A new array with the kept rows. The old array is freed at once, so that memory never holds the whole cache twice. */
    private NDArray kept(NDArray old, boolean same, int[] rows) {
        Shape shape = old.getShape();
        NDArray all = uninitialised(new Shape(sequences, shape.get(1), capacity, shape.get(3)));
        try (NDManager scope = manager.newSubManager()) {
            if (length > 0) {
                NDArray seen = old.get(":, :, :" + length);
                seen.attach(scope);
                NDArray chosen = same ? seen : seen.get(new NDIndex("{}", scope.create(Arrays.stream(rows).asLongStream().toArray())));
                all.set(new NDIndex(":, :, :" + length), chosen);
            }
        } catch (RuntimeException e) {
            all.close();
            throw e;
        }
        old.close();
        return all;
    }

    /**
     * Replaces this cache's content by the first {@code tokens} tokens of {@code other}, a cache of the same model.
     *
     * @throws IllegalArgumentException if {@code other} has fewer tokens, if this cache has room for fewer, or if a cache has more than one
     *     sequence
     */
    public void copy(KvCache other, int tokens) {
        if (tokens < 0 || tokens > Math.min(other.length, capacity) || sequences != 1 || other.sequences != 1) {
            throw new IllegalArgumentException("cannot copy %d of %d tokens to a cache with room for %d"
                .formatted(tokens, other.length, capacity));
        }
        String first = ":, :, :" + tokens;
        for (int layer = 0; layer < keys.length && tokens > 0; layer++) {
            try (NDManager scope = manager.newSubManager()) {
                NDArray key = other.keys[layer].get(first);
                NDArray value = other.values[layer].get(first);
                scope.attachAll(key, value);
                keys[layer].set(new NDIndex(first), key);
                values[layer].set(new NDIndex(first), value);
            }
        }
        length = tokens;
    }

    @Override
    public void close() {
        manager.close();
    }
}
