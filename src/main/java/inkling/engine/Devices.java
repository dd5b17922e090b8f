package inkling.engine;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.pytorch.jni.LibUtils;
import inkling.errors.ConfigException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The PyTorch engine: its devices, its version, and the processor's instructions that it may use. */
public final class Devices {
    /** The number of threads that libtorch chooses for this machine before any thread sets one. */
    static final int SUGGESTED_THREADS;

    static {
        // Without these settings, DJL reports its use to a remote server and may download libraries. They must be set before DJL loads.
        System.setProperty("OPT_OUT_TRACKING", "true");
        System.setProperty("ai.djl.offline", "true");
        Engine.getEngine("PyTorch");
        FirstUse.ofLibraries();
        SUGGESTED_THREADS = JniUtils.getNumThreads();
    }

    private Devices() {}

    /** The device of that name; for {@code auto}, a GPU if there is one. @throws ConfigException if the named GPU does not exist */
    static Device of(DeviceName name) {
        int gpus = Engine.getInstance().getGpuCount();
        if (name.gpu().isPresent()) {
            return gpu(name, name.gpu().getAsInt(), gpus);
        }
        return name.equals(DeviceName.AUTO) && gpus > 0 ? Device.gpu() : Device.cpu();
    }

    private static Device gpu(DeviceName name, int index, int gpus) {
        if (index >= gpus) {
            throw new ConfigException(("device = %s, but the engine sees %d GPUs. Use device: cpu, or build with the Maven profile"
                + " `cuda` on a machine with an NVIDIA driver.").formatted(name, gpus));
        }
        return Device.gpu(index);
    }

    /** A new top-level manager on {@code device}; the caller closes it. */
    public static NDManager manager(Device device) {
        return NDManager.newBaseManager(device);
    }

    static NDManager baseManager() {
        return NDManager.newBaseManager(Device.cpu());
    }

    /**
     * Sets the calling thread's number of threads to the number that any thread set last. libtorch does so at a thread's first operation;
     * this call makes it happen now.
     */
    static void takeOverThreads() {
        JniUtils.getNumThreads();
    }

    /** E.g. {@code PyTorch 2.7.1}. */
    public static String version() {
        return Engine.getInstance().getEngineName() + " " + Engine.getInstance().getVersion();
    }

    /** libtorch's version, and the folder that it was loaded from, whose name tells the processor type. */
    public static String nativeLibraries() {
        return LibUtils.getVersion() + " in " + LibUtils.getLibtorchPath();
    }

    /** The processor's features, by their names in Linux's {@code /proc/cpuinfo}; empty without this file or its {@code flags}. */
    public static Set<String> processorFlags() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(line -> line.startsWith("flags")).findFirst()
                .map(line -> new HashSet<>(List.of(line.substring(line.indexOf(':') + 1).strip().split("\\s+")))).orElseGet(HashSet::new);
        } catch (IOException | UncheckedIOException e) {
            return Set.of();
        }
    }

    /** The value of {@code ONEDNN_MAX_CPU_ISA}, the largest instruction set that oneDNN may use; "" if the variable is not set. */
    public static String mostInstructions() {
        return System.getenv().getOrDefault("ONEDNN_MAX_CPU_ISA", "");
    }
}
