package inkling.run;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import inkling.engine.Autograd;
import inkling.model.GptConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How fast one training step could be if it were nothing but its matrix products: those of the same shapes, as many, one after the other,
 * in this process. A linear of (n, in) × (in, out) has three: forward, by the input, by the weight. Attention has two (T, T) products
 * forward and four backward, counted whole (a causal kernel may do half of them).
 */
final class StepRoofline {
    private static final int PASSES = 9;

    private StepRoofline() {}

    /** A product (count, rows, inner) × (count, inner, columns), done {@code times} in a step. */
    private record Product(int times, long count, long rows, long inner, long columns) {
        /** As the three products of a linear layer. */
        static List<Product> linear(int times, long rows, long in, long out) {
            return List.of(new Product(times, 1, rows, in, out), new Product(times, 1, rows, out, in), new Product(times, 1, in, rows, out));
        }
    }

    /** Median milliseconds of all products of a step on (rows, columns) tokens. */
    static double millis(GptConfig model, int rows, int columns, NDManager parent) {
        double[] times = new double[PASSES];
        for (int pass = -2; pass < PASSES; pass++) {
            double millis = products(model, rows, columns).stream().mapToDouble(product -> millis(product, parent)).sum();
            if (pass >= 0) {
                times[pass] = millis;
            }
        }
        Arrays.sort(times);
        return times[PASSES / 2];
    }

    private static List<Product> products(GptConfig model, int rows, int columns) {
        long n = (long) rows * columns;
        int c = model.nEmbd();
        int layers = model.nLayer();
        List<Product> all = new ArrayList<>(Product.linear(1, n, c, model.vocabSize()));
        all.addAll(Product.linear(layers, n, c, model.qkvWidth()));
        all.addAll(Product.linear(layers, n, c, c));
        all.addAll(Product.linear(layers * (model.gated() ? 2 : 1), n, c, model.nInner()));
        all.addAll(Product.linear(layers, n, model.nInner(), c));
        long heads = (long) rows * model.nHead();
        all.add(new Product(2 * layers, heads, columns, model.headSize(), columns)); // scores, and the gradient by the pattern
        all.add(new Product(4 * layers, heads, columns, columns, model.headSize())); // values, and the gradients by q, k, v
        return all;
    }

    private static double millis(Product product, NDManager parent) {
        try (NDManager scope = parent.newSubManager(); Autograd off = Autograd.off()) {
            NDArray a = matrices(scope, product.count(), product.rows(), product.inner());
            NDArray b = matrices(scope, product.count(), product.inner(), product.columns());
            long started = System.nanoTime();
            for (int i = 0; i < product.times(); i++) {
                try (NDArray c = a.matMul(b)) {
                    if (i == product.times() - 1) {
                        c.getFloat(new long[c.getShape().dimension()]); // waits for a device that computes on its own
                    }
                }
            }
            return (System.nanoTime() - started) / 1e6;
        }
    }

    private static NDArray matrices(NDManager scope, long count, long rows, long columns) {
        return scope.ones(count == 1 ? new Shape(rows, columns) : new Shape(count, rows, columns), DataType.FLOAT32);
    }
}
