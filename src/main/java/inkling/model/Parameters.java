package inkling.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import inkling.engine.Kernels;
import inkling.engine.Matrix;
import inkling.engine.Precision.Storage;
import inkling.engine.UpdateKernels;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The arrays of a model by name, in order. This object owns them; another model, e.g. a {@link Gpt#view}, may have arrays over the same
 * memory. The manager holds only the weights (int8 weights with their factors) and the copies that products in bfloat16 read.
 */
public final class Parameters implements AutoCloseable {
    private final NDManager manager;
    private final Storage storage;
    private final Map<String, NDArray> arrays = new LinkedHashMap<>();
    private final Map<String, NDArray> factors = new HashMap<>(); // of matrices in int8
    private final Map<String, NDArray> copies = new LinkedHashMap<>(); // bfloat16 copies of matrices, which products read

    /** Takes ownership of {@code manager}: {@link #close} closes it. */
    public Parameters(NDManager manager) {
        this(manager, Storage.FLOAT32);
    }

    /** For matrices in the form {@code storage}; only a model in float32 can be trained. Takes ownership of {@code manager}. */
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

    /** A parameter as a matrix, in its stored form. */
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

    /**
     * Makes copies of these matrices in bfloat16. From now on, products without a {@link KvCache} read the copies
     * ({@link #matrixForProducts}). Code that changes the matrices must call {@link #refreshCopies} afterwards.
     */
    void multiplyInBf16(List<String> matrices) {
        NDList made = Kernels.bf16Copies(matrices.stream().map(this::get).toList());
        for (int i = 0; i < matrices.size(); i++) {
            copies.put(matrices.get(i), made.get(i));
        }
    }

    /** The matrix as products without a {@link KvCache} read it: its copy in bfloat16 if there is one, else the matrix itself. */
    public Matrix matrixForProducts(String name) {
        return copies.containsKey(name) ? new Matrix(copies.get(name)) : matrix(name);
    }

    /** Whether products without a {@link KvCache} read copies in bfloat16. */
    boolean multipliesInBf16() {
        return !copies.isEmpty();
    }

    /** Brings the copies of these parameters up to date; does nothing for parameters without a copy. */
    public void refreshCopies(List<String> changed) {
        List<String> copied = changed.stream().filter(copies::containsKey).toList();
        UpdateKernels.copyAll(copied.stream().map(copies::get).toList(), copied.stream().map(this::get).toList());
    }

    /** Marks a parameter, and its bfloat16 copy if there is one, as needing a gradient. */
    public void train(String name) {
        get(name).setRequiresGradient(true);
        if (copies.containsKey(name)) {
            copies.get(name).setRequiresGradient(true);
        }
    }

    /** New arrays over the same memory, copies included. They belong to {@code parent}, and none is trained yet. */
    Parameters view(NDManager parent) {
        Parameters view = new Parameters(parent.newSubManager(manager.getDevice()), storage);
        arrays.forEach((name, array) -> view.put(name, new Matrix(array.stopGradient(),
            Optional.ofNullable(factors.get(name)).map(NDArray::stopGradient))));
        copies.forEach((name, copy) -> {
            NDArray shared = copy.stopGradient();
            shared.attach(view.manager);
            view.copies.put(name, shared);
        });
        return view;
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
        return matrix(name).shape();
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
