package inkling.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import inkling.engine.Matrix;
import inkling.engine.Precision.Storage;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The arrays of a model by name, in order. It alone owns the memory of the weights, and its manager holds nothing else. */
public final class Parameters implements AutoCloseable {
    private final NDManager manager;
    private final Storage storage;
    private final Map<String, NDArray> arrays = new LinkedHashMap<>();
    private final Map<String, NDArray> factors = new HashMap<>(); // of matrices in int8

    /** Takes ownership of {@code manager}: {@link #close} closes it. */
    public Parameters(NDManager manager) {
        this(manager, Storage.FLOAT32);
    }

    /** For matrices in another form, which cannot be trained. */
    public Parameters(NDManager manager, Storage storage) {
        this.manager = manager;
        this.storage = storage;
    }

    /** The form of the matrices. */
    public Storage storage() {
        return storage;
    }

    /** Adds an array and takes ownership of it. */
    public void put(String name, NDArray array) {
        if (arrays.containsKey(name)) {
            throw new IllegalArgumentException("a parameter named " + name + " is there already");
        }
        array.attach(manager);
        arrays.put(name, array);
    }

    /** Adds a matrix and takes ownership of it. */
    public void put(String name, Matrix matrix) {
        put(name, matrix.values());
        matrix.factors().ifPresent(array -> {
            array.attach(manager);
            factors.put(name, array);
        });
    }

    /** An array as a matrix, in the form that it is kept in. */
    public Matrix matrix(String name) {
        return new Matrix(get(name), Optional.ofNullable(factors.get(name)));
    }

    public NDArray get(String name) {
        NDArray array = arrays.get(name);
        if (array == null) {
            throw new IllegalArgumentException("no parameter is named " + name);
        }
        return array;
    }

    public boolean has(String name) {
        return arrays.containsKey(name);
    }

    public List<String> names() {
        return List.copyOf(arrays.keySet());
    }

    public List<NDArray> arrays() {
        return new ArrayList<>(arrays.values());
    }

    public Map<String, NDArray> asMap() {
        return Collections.unmodifiableMap(arrays);
    }

    public Shape shape(String name) {
        return get(name).getShape();
    }

    /** How many numbers all arrays hold together. */
    public long count() {
        return arrays.values().stream().mapToLong(NDArray::size).sum();
    }

    public NDManager manager() {
        return manager;
    }

    @Override
    public void close() {
        manager.close();
    }
}
