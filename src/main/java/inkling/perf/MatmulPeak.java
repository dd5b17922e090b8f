package inkling.perf;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import inkling.engine.ComputeContext;
import inkling.engine.Kernels;
import inkling.engine.Precision;
import java.util.Arrays;
import java.util.function.BinaryOperator;

/**
 * The speed that matrix products reach on this machine with a context's device, threads and precision. Model FLOPs utilisation (MFU) is a
 * share of this speed. For each of the sizes (n, n) with n = 512, 1,024 and 2,048, the median of 9 products is taken; the fastest size
 * counts. Measuring takes about 1.5 s on two cores.
 */
public final class MatmulPeak {
    private static final int TIMED_PRODUCTS = 9;

    private MatmulPeak() {}

    /** FLOP a second of {@code NDArray.matMul}; a product of two (n, n) matrices counts 2 n³. */
    public static double flops(ComputeContext context) {
        return flops(context, NDArray::matMul);
    }

    /** As {@link #flops}, for the forward product of linear layers. In float32 on a CPU, oneDNN computes it, if libtorch has it. */
    public static double linearFlops(ComputeContext context) {
        return flops(context, Kernels::linear);
    }

    private static double flops(ComputeContext context, BinaryOperator<NDArray> product) {
        context.enter();
        double peak = 0;
        for (int n : new int[] {512, 1024, 2048}) {
            try (NDManager scope = context.manager()) {
                peak = Math.max(peak, 2.0 * n * n
                    * n / medianSeconds(scope, n, product, context.precision().compute() == Precision.Compute.BF16));
            }
        }
        return peak;
    }

    private static double medianSeconds(NDManager scope, int n, BinaryOperator<NDArray> product, boolean bf16) {
        NDArray a = factor(scope.randomNormal(0, 1, new Shape(n, n), DataType.FLOAT32), bf16);
        NDArray b = factor(scope.randomNormal(0, 1, new Shape(n, n), DataType.FLOAT32), bf16);
        double[] seconds = new double[TIMED_PRODUCTS];
        for (int i = 0; i < TIMED_PRODUCTS; i++) {
            long started = System.nanoTime();
            try (NDArray c = product.apply(a, b); NDArray row = c.get(0); NDArray readable = row.toType(DataType.FLOAT32, false)) {
                readable.getFloat(0); // waits for devices that compute asynchronously
            }
            seconds[i] = (System.nanoTime() - started) / 1e9;
        }
        Arrays.sort(seconds);
        return seconds[TIMED_PRODUCTS / 2];
    }

    private static NDArray factor(NDArray x, boolean bf16) {
        return bf16 ? Kernels.bf16(x) : x;
    }
}
