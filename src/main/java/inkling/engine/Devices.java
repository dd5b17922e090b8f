package inkling.engine;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.pytorch.jni.LibUtils;
import inkling.io.ConfigException;

/** The engine, its device and its threads. */
public final class Devices {
    static {
        // DJL reports its use to a remote address, and asks one for libraries, unless told not to before it loads.
        System.setProperty("OPT_OUT_TRACKING", "true");
        System.setProperty("ai.djl.offline", "true");
        Engine.getEngine("PyTorch");
        FirstUse.ofLibraries();
    }

    private Devices() {}

    /**
     * The device that a run file's {@code device} names.
     *
     * @param name {@code auto} (a GPU if there is one), {@code cpu}, {@code cuda} or {@code cuda:N}
     * @throws ConfigException if the name is another or that GPU is not there
     */
    public static Device of(String name) {
        int gpus = Engine.getInstance().getGpuCount();
        if (name.equals("auto")) {
            return gpus > 0 ? Device.gpu() : Device.cpu();
        }
        if (name.equals("cpu")) {
            return Device.cpu();
        }
        if (!name.matches("cuda(:[0-9]{1,4})?")) {
            throw new ConfigException("device = %s is none of auto, cpu, cuda, cuda:N.".formatted(name));
        }
        int index = name.equals("cuda") ? 0 : Integer.parseInt(name.substring(5));
        if (index >= gpus) {
            throw new ConfigException(("device = %s, but the engine sees %d GPUs. Use device: cpu, or build with the Maven profile"
                + " `cuda` on a machine with an NVIDIA driver.").formatted(name, gpus));
        }
        return Device.gpu(index);
    }

    /** A new top-level manager on {@code device}; who opens it closes it. */
    public static NDManager manager(Device device) {
        return NDManager.newBaseManager(device);
    }

    static NDManager baseManager() {
        return NDManager.newBaseManager(Device.cpu());
    }

    /** Sets how many threads one operation may use (libtorch's intra-op pool). */
    public static void setThreads(int threads) {
        JniUtils.setNumThreads(threads);
    }

    public static int threads() {
        return JniUtils.getNumThreads();
    }

    /** E.g. {@code PyTorch 2.7.1}. */
    public static String version() {
        return Engine.getInstance().getEngineName() + " " + Engine.getInstance().getVersion();
    }

    /** The folder that libtorch was loaded from. */
    public static String nativeLibraries() {
        return LibUtils.getVersion() + " in " + LibUtils.getLibtorchPath();
    }
}
