package inkling.engine;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;
import inkling.errors.ConfigException;
import java.util.OptionalInt;

/**
 * The device, the number of threads and the precision of computations. A program makes one context at its beginning and hands it to
 * everything that computes: {@code ComputeContext context = ComputeContext.of("cpu"); LoadedModel.open(Path.of("my-model"), context)}.
 * No other class chooses the device of a model. Code that needs another number of threads derives a context ({@link #withThreads}).
 *
 * <p>Each Java thread has its own setting of how many threads its operations use. So code that computes calls {@link #enter} first.
 *
 * @param device the device that holds the arrays
 * @param threads how many threads share one operation on a CPU, at least 1
 * @param precision of weights, products and updates
 */
public record ComputeContext(Device device, int threads, Precision precision) {
    /** The number of threads for operations that {@link #enter} last set on this Java thread; null before its first call. */
    private static final ThreadLocal<Integer> THREADS_SET = new ThreadLocal<>();

    public ComputeContext {
        if (threads < 1) {
            throw new IllegalArgumentException("threads = %d must be at least 1".formatted(threads));
        }
    }

    /**
     * Chooses the device, and the number of threads if none is given.
     *
     * @param threads empty for as many as the machine suggests: the number of its cores, or the value of {@code OMP_NUM_THREADS} if that
     *     is less
     * @throws ConfigException if the device does not exist, or if {@code precision} is TF32 and the environment variable
     *     {@code TORCH_ALLOW_TF32_CUBLAS_OVERRIDE} is not 1
     */
    public static ComputeContext of(DeviceName device, OptionalInt threads, Precision precision) {
        if (precision.compute() == Precision.Compute.TF32 && !"1".equals(System.getenv("TORCH_ALLOW_TF32_CUBLAS_OVERRIDE"))) {
            throw new ConfigException("precision = tf32: libtorch reads this choice from its environment as it starts. Run with"
                + " TORCH_ALLOW_TF32_CUBLAS_OVERRIDE=1, or write precision: float32.");
        }
        return new ComputeContext(Devices.of(device), threads.orElse(Devices.SUGGESTED_THREADS), precision);
    }

    /**
     * A context in 32 bits, with as many threads as the machine suggests.
     *
     * @param device as in {@link DeviceName}
     */
    public static ComputeContext of(String device) {
        return of(new DeviceName(device), OptionalInt.empty(), Precision.FLOAT32);
    }

    /** This context with another number of threads. */
    public ComputeContext withThreads(int count) {
        return new ComputeContext(device, count, precision);
    }

    /**
     * Sets the number of threads for all operations that the calling thread starts from now on. Other threads that have entered a context
     * keep their settings.
     *
     * <p>After a thread's first call, libtorch records its operations for gradients only within {@link Autograd#recording}. A call that
     * changes nothing is cheap.
     */
    public void enter() {
        Integer set = THREADS_SET.get();
        if (set == null) {
            // At a thread's first operation, libtorch replaces the thread's setting by the latest setting that any thread has made.
            // So let that happen now, before the thread makes its own setting.
            Devices.takeOverThreads();
            JniUtils.setGradMode(false); // libtorch's default for a new thread is to record gradients
        }
        if (set == null || set != threads) {
            JniUtils.setNumThreads(threads);
            THREADS_SET.set(threads);
        }
    }

    /** A new top-level manager on the device; the caller closes it. */
    public NDManager manager() {
        return Devices.manager(device);
    }
}
