package inkling.perf.product;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import inkling.engine.ComputeContext;
import inkling.engine.Kernels;
import inkling.errors.ConfigException;
import inkling.runfile.RunPrecision;
import java.util.Arrays;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * How fast the three products of a linear layer (1024 rows, 384 → 1152) are on this machine, in float32 and in bfloat16. Both are measured
 * in turn, in about half a second. A processor may have instructions for bfloat16 and still be slower with bfloat16, so the processor's
 * name tells nothing (docs/decisions/0026). The measured speed decides whether a run may begin, never what the run computes.
 *
 * @param float32 GFLOP/s
 * @param bf16 GFLOP/s
 */
public record Bf16Speed(double float32, double bf16) {
    /** The least value of {@link #times} that is useful. A smaller gain is lost again when numbers are converted between the products. */
    public static final double WORTHWHILE = 1.5;

    private static final int ROWS = 1024;
    private static final int CHANNELS_IN = 384;
    private static final int CHANNELS_OUT = 1152;
    private static final int ROUNDS = 9;

    public static Bf16Speed measure(ComputeContext context) {
        context.enter();
        try (NDManager scope = context.manager()) {
            NDArray x = scope.randomNormal(0, 1, new Shape(ROWS, CHANNELS_IN), DataType.FLOAT32);
            NDArray w = scope.randomNormal(0, 1, new Shape(CHANNELS_IN, CHANNELS_OUT), DataType.FLOAT32);
            NDArray dy = scope.randomNormal(0, 1, new Shape(ROWS, CHANNELS_OUT), DataType.FLOAT32);
            NDArray rounded = Kernels.bf16(w);
            double[] inFloat32 = new double[ROUNDS];
            double[] inBf16 = new double[ROUNDS];
            for (int round = -1; round < ROUNDS; round++) {
                inFloat32[Math.max(0, round)] = seconds(x, w, dy);
                inBf16[Math.max(0, round)] = seconds(x, rounded, dy);
            }
            double gflop = 3 * 2.0 * ROWS * CHANNELS_IN * CHANNELS_OUT / 1e9;
            return new Bf16Speed(gflop / least(inFloat32), gflop / least(inBf16));
        }
    }

    /** The least time is the processor's own; a longer one includes the work of other programs. */
    private static double least(double... seconds) {
        return Arrays.stream(seconds).min().orElseThrow();
    }

    private static double seconds(NDArray x, NDArray w, NDArray dy) {
        long started = System.nanoTime();
        try (NDList products = Kernels.linearProducts(x, w, dy)) {
            products.get(2).getFloat(0, 0); // waits for devices that compute asynchronously
            return (System.nanoTime() - started) / 1e9;
        }
    }

    /** The speed in bfloat16, divided by the speed in float32. */
    public double times() {
        return bf16 / float32;
    }

    /**
     * Checks whether a new run may use its precision on this machine.
     *
     * @return {@link #times}, as this call measured it; empty for every precision but {@code bf16}, also for {@code bf16_even_if_slow}
     * @throws ConfigException if bfloat16 is less than {@value #WORTHWHILE} times as fast as float32; the message has the figures and says
     *     what to do instead
     */
    public static OptionalDouble require(RunPrecision precision, ComputeContext context) {
        return precision == RunPrecision.BF16 ? OptionalDouble.of(measure(context).requireFast()) : OptionalDouble.empty();
    }

    double requireFast() {
        if (times() < WORTHWHILE) {
            throw new ConfigException(String.format(Locale.ROOT, "precision = bf16: matrix products on this processor reach %.0f GFLOP/s in"
                + " float32 and %.0f in bfloat16, %.2f times as fast; below %.1f times a step gains nothing. Write precision: float32, or"
                + " bf16_even_if_slow.", float32, bf16, times(), WORTHWHILE));
        }
        return times();
    }
}
