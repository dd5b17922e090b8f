package inkling.perf;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/** How much memory this process and this thread use or have used, where the system and the JVM report it. */
public final class ProcessMemory {
    private static final Path STATUS = Path.of("/proc/self/status");

    private ProcessMemory() {}

    /** The most main memory that was resident at one time, in bytes: Linux's VmHWM. */
    static OptionalLong residentPeak() {
        return status("VmHWM:");
    }

    /** The main memory that is resident now, in bytes: Linux's VmRSS. */
    public static OptionalLong resident() {
        return status("VmRSS:");
    }

    private static OptionalLong status(String name) {
        try {
            return Files.readAllLines(STATUS, StandardCharsets.UTF_8).stream().filter(line -> line.startsWith(name))
                .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D", ""))).findFirst();
        } catch (IOException e) {
            return OptionalLong.empty(); // not Linux
        }
    }

    /** Bytes of Java objects that this thread has made so far, freed ones too. */
    static OptionalLong javaAllocated() {
        return ManagementFactory.getThreadMXBean() instanceof com.sun.management.ThreadMXBean threads
            ? OptionalLong.of(threads.getThreadAllocatedBytes(Thread.currentThread().getId())) : OptionalLong.empty();
    }
}
