package inkling.engine;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;
import inkling.errors.ConfigException;
import java.util.OptionalInt;

/**
 * Where and how something is computed. A program makes one at its beginning and hands it to everything that computes:
 * {@code ComputeContext context = ComputeContext.of("cpu"); LoadedModel.open(Path.of("my-model"), context)}. Nothing else chooses a device;
 * code that needs fewer threads derives a context from it ({@link #withThreads}).
 *
 * <p>How many threads an operation uses is a setting of the thread that calls it. So code that computes calls {@link #enter} first.
 *
 * @param device that holds the arrays
 * @param threads that share one operation on a CPU, at least 1
 * @param precision of weights, products and updates
 */
public record ComputeContext(Device device, int threads, Precision precision) {
    /** The number of threads that each Java thread has set. */
    private static final ThreadLocal<Integer> THREADS_SET = new ThreadLocal<>();

    public ComputeContext {
        if (threads < 1) {
            throw new IllegalArgumentException("threads = %d must be at least 1".formatted(threads));
        }
    }

    /**
     * Chooses the device, and the number of threads if none is given.
     *
     * @param threads empty for as many as the machine suggests: its cores, or what {@code OMP_NUM_THREADS} says
     * @throws ConfigException if the device is not there, or TF32 is asked for and was not switched on before the process began
     */
    public static ComputeContext of(DeviceName device, OptionalInt threads, Precision precision) {
        if (precision.compute() == Precision.Compute.TF32 && !"1".equals(System.getenv("TORCH_ALLOW_TF32_CUBLAS_OVERRIDE"))) {
            throw new ConfigException("precision = tf32: libtorch reads this choice from its environment as it starts. Run with"
                + " TORCH_ALLOW_TF32_CUBLAS_OVERRIDE=1, or write precision: float32.");
        }
        return new ComputeContext(Devices.of(device), threads.orElse(Devices.SUGGESTED_THREADS), precision);
    }

    /**
     * In 32 bits, with as many threads as the machine suggests.
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
     * Sets the number of threads for all operations that the calling thread starts from now on; other threads keep theirs. From a thread's
     * first call on, only operations within {@link Autograd#recording} are recorded for gradients. A call that changes nothing is cheap.
     */
    public void enter() {
        Integer set = THREADS_SET.get();
        if (set == null) {
            // At a thread's first operation, libtorch replaces the thread's number by the one that was set last in the whole process.
            // So let that happen now, before the thread's own number is set.
            Devices.takeOverThreads();
            JniUtils.setGradMode(false); // on a new thread, libtorch records at first
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
