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
 * Keys and values of the tokens seen so far by each of B sequences: per layer (B, n_kv, capacity, hs) twice, float32. Only {@link #keep} of
 * other sequences than there are, or of more room, allocates again.
 */
public final class KvCache implements AutoCloseable {
    private final NDManager manager;
    private final NDArray[] keys;
    private final NDArray[] values;
    private int sequences;
    private int capacity;
    private int length;

    /** Room for the whole context of {@code batch} sequences. */
    public KvCache(NDManager parent, GptConfig config, int batch) {
        this(parent, config, batch, config.contextLength());
    }

    /** Room for {@code room} tokens of each of {@code batch} sequences, until {@link #keep} asks for more. */
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

    /** What one sequence with room for {@code tokens} takes. */
    public static long bytes(GptConfig config, int tokens) {
        return 2L * config.nLayer() * config.attention().kvWidth() * tokens * Float.BYTES;
    }

    /** One a layer. */
    List<NDArray> keys() {
        return Arrays.asList(keys);
    }

    /** One a layer. */
    List<NDArray> values() {
        return Arrays.asList(values);
    }

    /** Tokens seen; the next one stands at this position. */
    public int length() {
        return length;
    }

    /** Tokens there is room for. */
    public int capacity() {
        return capacity;
    }

    void advance(int tokens) {
        length += tokens;
    }

    /** Forgets all tokens from {@code length} on. */
    public void truncate(int toLength) {
        if (toLength < 0 || toLength > length) {
            throw new IllegalArgumentException("cannot cut a cache of %d tokens to %d".formatted(length, toLength));
        }
        length = toLength;
    }

    /** From now on sequence i is the first {@code toLength} tokens of {@code rows[i]}, with room for at least {@code room}. */
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

    /** The array anew, one layer's at a time, so that memory never holds all of it twice. */
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
