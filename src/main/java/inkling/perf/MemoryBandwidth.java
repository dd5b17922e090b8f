package inkling.perf;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import inkling.engine.ComputeContext;
import java.util.stream.DoubleStream;

/** How fast memory can be read through the engine. This bounds the speed of generation, since a token reads nearly all weights. */
public final class MemoryBandwidth implements AutoCloseable {
    private static final long FLOATS_READ = 1L << 26; // 256 MiB: larger than most caches
    private static final int TIMED_PASSES = 7;

    private final ComputeContext context;
    private final NDManager scope;
    private final NDArray values;

    /** Takes 256 MiB until it is closed. */
    public MemoryBandwidth(ComputeContext context) {
        this.context = context;
        context.enter();
        scope = context.manager();
        values = scope.ones(new Shape(FLOATS_READ), DataType.FLOAT32);
    }

    /** Bytes a second, measured by one sum over 256 MiB. */
    public double bytesPerSecond() {
        context.enter();
        long started = System.nanoTime();
        try (NDArray sum = values.sum()) {
            sum.getFloat();
        }
        return 4.0 * FLOATS_READ / ((System.nanoTime() - started) / 1e9);
    }

    /** Bytes a second, measured by the fastest of {@value #TIMED_PASSES} sums. */
    public static double bytesPerSecond(ComputeContext context) {
        try (MemoryBandwidth speed = new MemoryBandwidth(context)) {
            return DoubleStream.generate(speed::bytesPerSecond).limit(TIMED_PASSES).max().orElseThrow();
        }
    }

    @Override
    public void close() {
        scope.close();
    }
}
