package inkling.perf.product;

import ai.djl.ndarray.NDArray;
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

/**
 * Times the products of a training step's weight matrices, each in turn by MKL in float32, by oneDNN in float32, and in bfloat16. The times
 * show which library is faster for which shape, and how much bfloat16 gains (docs/decisions/0027). The times in bfloat16 include the
 * conversion of the factors and of the result. Only weights are not converted: they are in bfloat16 already, as in training. On a GPU, and
 * if libtorch lacks oneDNN, one library gives both times in float32.
 */
public final class ProductBench {
    private static final List<String> LIBRARIES = List.of("mkl", "onednn", "bf16");

    private ProductBench() {}

    /**
     * The speed of one product with each library: GFLOP/s in the fastest round.
     *
     * @param kind {@code forward}, {@code input} (the gradient by the input) or {@code weight} (the gradient by the weight); for the
     *     unembedding, with the word {@code unembedding} before it
     * @param chosen the library that training uses in float32
     */
    public record Speed(String kind, long rows, long in, long out, double mkl, double onednn, double bf16, String chosen) {}

    /** The products of each linear layer of a block in a step on (rows, columns) tokens, then the unembedding's. */
    public static List<Speed> measure(GptConfig model, int rows, int columns, int rounds, ComputeContext context) {
        context.enter();
        GptLayout layout = GptLayout.of(model);
        long n = (long) rows * columns;
        List<Speed> speeds = new ArrayList<>();
        layout.linears().forEach(part -> speeds.addAll(layer(n, layout.shape(part), rounds, context)));
        Speed[] unembedding = layer(n, new Shape(model.nEmbd(), model.vocabSize()), rounds, context).toArray(Speed[]::new);
        for (Speed each : unembedding) {
            String chosen = each.kind().equals("weight") ? "mkl" : "onednn";   // as loss.py does
            speeds.add(new Speed("unembedding " + each.kind(), n, each.in(), each.out(), each.mkl(), each.onednn(), each.bf16(), chosen));
        }
        return speeds;
    }

    private static List<Speed> layer(long n, Shape weight, int rounds, ComputeContext context) {
        long in = weight.get(0);
        long out = weight.get(1);
        try (NDManager scope = context.manager()) {
            NDArray x = scope.randomNormal(0, 1, new Shape(n, in), DataType.FLOAT32);
            NDArray w = scope.randomNormal(0, 1, weight, DataType.FLOAT32);
            NDArray dy = scope.randomNormal(0, 1, new Shape(n, out), DataType.FLOAT32);
            NDArray rounded = Kernels.bf16(w);
            boolean fewRowsWholePages = n < 512 && out % 1024 == 0;            // the rule of product_by_input in grad.py
            return List.of(speed("forward", n, in, out, rounds, x, w, rounded, "onednn"),
                speed("input", n, in, out, rounds, dy, w, rounded, fewRowsWholePages ? "mkl" : "onednn"),
                speed("weight", n, in, out, rounds, x, dy, dy, in < out ? "onednn" : "mkl"));
        }
    }

    private static Speed speed(String kind, long n, long in, long out, int rounds, NDArray a, NDArray b, NDArray rounded, String chosen) {
        double[] least = new double[LIBRARIES.size()];
        Arrays.fill(least, Double.POSITIVE_INFINITY);
        for (int round = 0; round <= rounds; round++) {
            for (int i = 0; i < least.length; i++) {
                NDArray second = LIBRARIES.get(i).equals("bf16") ? rounded : b;
                long started = System.nanoTime();
                try (NDArray product = Kernels.product(kind, LIBRARIES.get(i), a, second)) {
                    product.getFloat(0, 0); // waits for devices that compute asynchronously
                    least[i] = round == 0 ? least[i] : Math.min(least[i], (System.nanoTime() - started) / 1e9);
                }
            }
        }
        double gflop = 2.0 * n * in * out / 1e9;
        return new Speed(kind, n, in, out, gflop / least[0], gflop / least[1], gflop / least[2], chosen);
    }
}
