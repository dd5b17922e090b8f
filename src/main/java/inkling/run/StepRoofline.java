package inkling.run;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import inkling.engine.Autograd;
import inkling.engine.ComputeContext;
import inkling.engine.Kernels;
import inkling.model.GptConfig;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * How fast one training step could be if it were nothing but its matrix products: those of the same shapes, as many, one after the other,
 * in this process, each by the library that the step calls. A linear of (n, in) × (in, out) has three: forward, by the input, by the weight.
 * Attention has two (T, T) products forward and four backward, counted whole (a causal kernel may do half of them).
 */
final class StepRoofline {
    private static final int PASSES = 9;

    private StepRoofline() {}

    /** The products of a kind, done {@code times} in a step, of arrays of these shapes. */
    private record Products(int times, List<Shape> shapes, Function<List<NDArray>, NDList> of) {
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

    /** Median milliseconds of all products of a step on (rows, columns) tokens. */
    static double millis(GptConfig model, int rows, int columns, ComputeContext context) {
        context.enter();
        double[] times = new double[PASSES];
        for (int pass = -2; pass < PASSES; pass++) {
            double millis = products(model, rows, columns).stream().mapToDouble(product -> millis(product, context)).sum();
            if (pass >= 0) {
                times[pass] = millis;
            }
        }
        Arrays.sort(times);
        return times[PASSES / 2];
    }

    private static List<Products> products(GptConfig model, int rows, int columns) {
        long n = (long) rows * columns;
        int c = model.nEmbd();
        int layers = model.nLayer();
        long heads = (long) rows * model.nHead();
        return List.of(
            Products.unembedding(n, model.vocabSize(), c),
            Products.linear(layers, n, c, model.qkvWidth()),
            Products.linear(layers, n, c, c),
            Products.linear(layers * (model.gated() ? 2 : 1), n, c, model.nInner()),
            Products.linear(layers, n, model.nInner(), c),
            Products.attention(2 * layers, heads, columns, model.headSize(), columns),  // scores, and the gradient by the pattern
            Products.attention(4 * layers, heads, columns, columns, model.headSize())); // values, and the gradients by q, k, v
    }

    private static double millis(Products products, ComputeContext context) {
        try (NDManager scope = context.manager(); Autograd off = Autograd.off()) {
            List<NDArray> arrays = products.shapes().stream().map(shape -> scope.ones(shape, DataType.FLOAT32)).toList();
            long started = System.nanoTime();
            for (int i = 0; i < products.times(); i++) {
                try (NDList results = products.of().apply(arrays)) {
                    if (i == products.times() - 1) {
                        NDArray last = results.get(results.size() - 1);
                        last.getFloat(new long[last.getShape().dimension()]); // waits for a device that computes on its own
                    }
                }
            }
            return (System.nanoTime() - started) / 1e6;
        }
    }
}
