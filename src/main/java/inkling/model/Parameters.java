package inkling.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import inkling.engine.Kernels;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The arrays of a model by name, in order. It alone owns the memory of the weights, and its manager holds nothing else but the copies that
 * products in bfloat16 read.
 */
public final class Parameters implements AutoCloseable {
    private final NDManager manager;
    private final Map<String, NDArray> arrays = new LinkedHashMap<>();
    private final Map<String, NDArray> factors = new LinkedHashMap<>(); // matrices in bfloat16, for products; the arrays stay float32

    /** Takes ownership of {@code manager}: {@link #close} closes it. */
    public Parameters(NDManager manager) {
        this.manager = manager;
    }

    /** Adds an array and takes ownership of it. */
    public void put(String name, NDArray array) {
        if (arrays.containsKey(name)) {
            throw new IllegalArgumentException("a parameter named " + name + " is there already");
        }
        array.attach(manager);
        arrays.put(name, array);
    }

    public NDArray get(String name) {
        NDArray array = arrays.get(name);
        if (array == null) {
            throw new IllegalArgumentException("no parameter is named " + name);
        }
        return array;
    }

    /**
     * Makes copies of these matrices in bfloat16, which products read from now on ({@link #factor}). Whoever changes the matrices calls
     * {@link #refreshFactors} afterwards.
     */
    public void multiplyInBf16(List<String> matrices) {
        NDList copies = Kernels.bf16Copies(matrices.stream().map(this::get).toList());
        for (int i = 0; i < matrices.size(); i++) {
            factors.put(matrices.get(i), copies.get(i));
        }
    }

    /** The array as a factor of products: its copy in bfloat16 if there is one, else itself. */
    public NDArray factor(String name) {
        return factors.getOrDefault(name, get(name));
    }

    /** Whether products read copies in bfloat16. */
    public boolean multipliesInBf16() {
        return !factors.isEmpty();
    }

    /** Brings the copies of these parameters up to date; does nothing where there are none. */
    public void refreshFactors(List<String> changed) {
        List<String> copied = changed.stream().filter(factors::containsKey).toList();
        if (!copied.isEmpty()) {
            Kernels.copyAll(copied.stream().map(factors::get).toList(), copied.stream().map(this::get).toList());
        }
    }

    /** Says that the gradient by this parameter is wanted. */
    public void train(String name) {
        get(name).setRequiresGradient(true);
        factor(name).setRequiresGradient(true);
    }

    /** The same arrays, copies included, below {@code parent} and without the gradients that are wanted. */
    Parameters view(NDManager parent) {
        Parameters view = new Parameters(parent.newSubManager(manager.getDevice()));
        arrays.forEach((name, array) -> view.put(name, array.stopGradient()));
        factors.forEach((name, copy) -> {
            NDArray shared = copy.stopGradient();
            shared.attach(view.manager);
            view.factors.put(name, shared);
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
