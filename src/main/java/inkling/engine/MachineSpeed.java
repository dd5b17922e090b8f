package inkling.engine;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;

/** How fast memory can be read through the engine: the bound of a decode step, which reads every weight once. */
public final class MachineSpeed {
    private static final long FLOATS = 1L << 26; // 256 MB: larger than any cache
    private static final int PASSES = 7;

    private MachineSpeed() {}

    /** Bytes a second of the fastest of {@value #PASSES} sums over 256 MB. */
    public static double bytesPerSecond(NDManager parent) {
        try (NDManager scope = parent.newSubManager(); Autograd off = Autograd.off()) {
            NDArray values = scope.ones(new Shape(FLOATS), DataType.FLOAT32);
            double best = Double.MAX_VALUE;
            for (int pass = 0; pass < PASSES; pass++) {
                long started = System.nanoTime();
                values.sum().getFloat();
                best = Math.min(best, (System.nanoTime() - started) / 1e9);
            }
            return 4.0 * FLOATS / best;
        }
    }
}
