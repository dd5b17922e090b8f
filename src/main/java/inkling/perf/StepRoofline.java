package inkling.perf;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import inkling.engine.ComputeContext;
import inkling.engine.Kernels;
import inkling.model.GptLayout;
import inkling.model.config.GptConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * How fast a training step would be if it did only its matrix products. This class runs the same number of products, of the same shapes,
 * one after the other. Each product uses the library that a step in float32 uses.
 *
 * <ul>
 * <li>A linear layer (n, in) × (in, out) has three products: forward, gradient with respect to the input, gradient with respect to the
 * weight.
 * <li>Attention has two products that make or read a matrix (T, T) in the forward pass, and four in the backward pass. These products are
 *     computed whole, although a causal kernel may skip the half above the diagonal.
 * </ul>
 */
final class StepRoofline {
    private static final int TIMED_PASSES = 9;

    private StepRoofline() {}

    /** A group of products that a step computes {@code times} times. @param compute computes the group from arrays with these shapes */
    private record Products(int times, List<Shape> shapes, Function<List<NDArray>, NDList> compute) {
        static Products linear(int times, long rows, long in, long out) {
            return new Products(times, List.of(new Shape(rows, in), new Shape(in, out), new Shape(rows, out)),
                arrays -> Kernels.linearProducts(arrays.get(0), arrays.get(1), arrays.get(2)));
        }

        static Products unembedding(long rows, long vocabulary, long width) {
            return new Products(1, List.of(new Shape(rows, width), new Shape(vocabulary, width), new Shape(rows, vocabulary)),
                arrays -> new NDList(Kernels.unembed(arrays.get(0), arrays.get(1)), Kernels.linear(arrays.get(2), arrays.get(1)),
                    arrays.get(2).transpose().matMul(arrays.get(0))));
        }

        static Products attention(int times, long heads, long rows, long inner, long columns) {
            return new Products(times, List.of(new Shape(heads, rows, inner), new Shape(heads, inner, columns)),
                arrays -> new NDList(arrays.get(0).matMul(arrays.get(1))));
        }
    }

    /** Median milliseconds of all products of a step on (rows, columns) tokens, in float32. */
    static double millis(GptConfig model, int rows, int columns, ComputeContext context) {
        context.enter();
        double[] times = new double[TIMED_PASSES];
        for (int pass = -2; pass < TIMED_PASSES; pass++) {
            double millis = products(model, rows, columns).stream().mapToDouble(product -> millis(product, context)).sum();
            if (pass >= 0) {
                times[pass] = millis;
            }
        }
        Arrays.sort(times);
        return times[TIMED_PASSES / 2];
    }

    private static List<Products> products(GptConfig model, int rows, int columns) {
        long n = (long) rows * columns;
        int layers = model.nLayer();
        long heads = (long) rows * model.attention().nHead();
        int hs = model.attention().headSize();
        GptLayout layout = GptLayout.of(model);
        List<Products> products = new ArrayList<>();
        products.add(Products.unembedding(n, model.vocabSize(), model.nEmbd()));
        layout.linears().forEach(part -> products.add(Products.linear(layers, n, layout.shape(part).get(0), layout.shape(part).get(1))));
        products.add(Products.attention(2 * layers, heads, columns, hs, columns));  // scores; gradient of the pattern
        products.add(Products.attention(4 * layers, heads, columns, columns, hs));  // values; gradients of q, k, v
        return products;
    }

    private static double millis(Products products, ComputeContext context) {
        try (NDManager scope = context.manager()) {
            List<NDArray> arrays = products.shapes().stream().map(shape -> scope.ones(shape, DataType.FLOAT32)).toList();
            long started = System.nanoTime();
            for (int i = 0; i < products.times(); i++) {
                try (NDList results = products.compute().apply(arrays)) {
                    if (i == products.times() - 1) {
                        NDArray last = results.get(results.size() - 1);
                        last.getFloat(new long[last.getShape().dimension()]); // waits for devices that compute asynchronously
                    }
                }
            }
            return (System.nanoTime() - started) / 1e6;
        }
    }
}
