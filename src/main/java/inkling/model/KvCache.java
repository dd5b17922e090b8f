package inkling.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;

/**
 * Keys and values of the tokens seen so far, allocated once for the whole context: per layer (B, n_kv, context, hs) twice.
 * Holds 2 · L · B · n_kv · context · hs float32; {@code truncate(0)} starts anew without allocating.
 */
public final class KvCache implements AutoCloseable {
    private final NDManager manager;
    private final NDArray[] keys;
    private final NDArray[] values;
    private final int capacity;
    private int length;

    public KvCache(NDManager parent, GptConfig config, int batch) {
        manager = parent.newSubManager();
        capacity = config.contextLength();
        keys = new NDArray[config.nLayer()];
        values = new NDArray[config.nLayer()];
        Shape shape = new Shape(batch, config.nKvHead(), capacity, config.headSize());
        for (int layer = 0; layer < keys.length; layer++) {
            keys[layer] = manager.zeros(shape, DataType.FLOAT32);
            values[layer] = manager.zeros(shape, DataType.FLOAT32);
        }
    }

    NDArray keys(int layer) {
        return keys[layer];
    }

    NDArray values(int layer) {
        return values[layer];
    }

    /** Tokens seen; the next one stands at this position. */
    public int length() {
        return length;
    }

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

    @Override
    public void close() {
        manager.close();
    }
}
