package inkling.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import inkling.model.config.GptConfig;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The keys and values of all tokens that each of B sequences has so far, so that they are computed only once. Each block has two float32
 * arrays (B, n_kv, capacity, hs). Only {@link #keep} may allocate them again.
 */
public final class KvCache implements AutoCloseable {
    private final NDManager manager;
    private final NDArray[] keys;
    private final NDArray[] values;
    private int sequences;
    private int capacity;
    private int length;

    /** An empty cache for {@code batch} sequences, each with room for the model's whole context. */
    public KvCache(NDManager parent, GptConfig config, int batch) {
        this(parent, config, batch, config.contextLength());
    }

    /** An empty cache for {@code batch} sequences, each with room for {@code room} tokens; {@link #keep} can ask for more. */
    public KvCache(NDManager parent, GptConfig config, int batch, int room) {
        manager = parent.newSubManager();
        sequences = batch;
        capacity = room;
        keys = new NDArray[config.nLayer()];
        values = new NDArray[config.nLayer()];
        Shape shape = new Shape(batch, config.attention().nKvHead(), capacity, config.attention().headSize());
        for (int layer = 0; layer < keys.length; layer++) {
            keys[layer] = manager.zeros(shape, DataType.FLOAT32);
            values[layer] = manager.zeros(shape, DataType.FLOAT32);
        }
    }

    /** Bytes that a cache of one sequence takes, with room for {@code tokens} tokens. */
    public static long bytes(GptConfig config, int tokens) {
        return 2L * config.nLayer() * config.attention().kvWidth() * tokens * Float.BYTES;
    }

    /** One array per block. */
    List<NDArray> keys() {
        return Arrays.asList(keys);
    }

    /** One array per block. */
    List<NDArray> values() {
        return Arrays.asList(values);
    }

    /** Tokens in the cache: the position of the next one. */
    public int length() {
        return length;
    }

    /** Tokens that the cache has room for. */
    public int capacity() {
        return capacity;
    }

    void advance(int tokens) {
        length += tokens;
    }

    /** Forgets all tokens after the first {@code toLength}. */
    public void truncate(int toLength) {
        if (toLength < 0 || toLength > length) {
            throw new IllegalArgumentException("cannot cut a cache of %d tokens to %d".formatted(length, toLength));
        }
        length = toLength;
    }

    /** Sequence i becomes the first {@code toLength} tokens of what is now sequence {@code rows[i]}, with room for {@code room} or more. */
    public void keep(int toLength, int room, int... rows) {
        truncate(toLength);
        boolean same = rows.length == sequences && IntStream.range(0, sequences).allMatch(i -> rows[i] == i);
        if (same && room <= capacity) {
            return;
        }
        sequences = rows.length;
        capacity = Math.max(room, toLength);
        for (int layer = 0; layer < keys.length; layer++) {
            keys[layer] = kept(keys[layer], rows);
            values[layer] = kept(values[layer], rows);
        }
    }

    /** A new cache with the first {@code toLength} tokens of each sequence, and room for {@code room} or more. */
    public KvCache copy(NDManager parent, int toLength, int room) {
        if (toLength < 0 || toLength > length) {
            throw new IllegalArgumentException("cannot copy %d tokens of a cache of %d".formatted(toLength, length));
        }
        KvCache copy = new KvCache(parent.newSubManager(), keys.length, sequences, Math.max(room, toLength), toLength);
        for (int layer = 0; layer < keys.length; layer++) {
            copy.keys[layer] = copy.widened(keys[layer]);
            copy.values[layer] = copy.widened(values[layer]);
        }
        return copy;
    }

    private KvCache(NDManager manager, int layers, int sequences, int capacity, int length) {
        this.manager = manager;
        this.keys = new NDArray[layers];
        this.values = new NDArray[layers];
        this.sequences = sequences;
        this.capacity = capacity;
        this.length = length;
    }

    /** A new array with what this cache's length takes of {@code other}, and as much room as this has. */
    private NDArray widened(NDArray other) {
        Shape shape = other.getShape();
        try (NDManager scope = manager.newSubManager()) {
            NDArray seen = other.get(":, :, :" + length);
            seen.attach(scope);
            NDArray all = seen.concat(scope.zeros(new Shape(sequences, shape.get(1), capacity - length, shape.get(3)), DataType.FLOAT32), 2);
            all.attach(manager);
            return all;
        }
    }

    /** A new array with the kept rows. The old one is freed at once, so that memory never holds the whole cache twice. */
    private NDArray kept(NDArray old, int[] rows) {
        try (NDManager scope = manager.newSubManager()) {
            old.attach(scope);
            Shape shape = old.getShape();
            NDArray seen = old.get(":, :, :" + length).get(new NDIndex("{}", scope.create(Arrays.stream(rows).asLongStream().toArray())));
            NDArray free = scope.zeros(new Shape(sequences, shape.get(1), capacity - length, shape.get(3)), DataType.FLOAT32);
            NDArray all = seen.concat(free, 2);
            all.attach(manager);
            return all;
        }
    }

    @Override
    public void close() {
        manager.close();
    }
}
