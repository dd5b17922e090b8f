package inkling.spark;

import inkling.io.Sha256;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What tells machines and processes apart. */
final class Machine {
    private static final Path CPUS = Path.of("/proc/cpuinfo");

    private Machine() {}

    /** {@code host/4711}. */
    static String process() {
        String host;
        try {
            host = InetAddress.getLocalHost().getHostName();
        } catch (IOException e) {
            host = "unknown";
        }
        return host + "/" + ProcessHandle.current().pid();
    }

    /**
     * The processor's model, and a hash of its features, by which libraries choose their kernels; on Linux only, elsewhere the architecture's
     * name.
     */
    static String cpu() {
        try {
            List<String> lines = Files.readAllLines(CPUS);
            return field(lines, "model name") + " " + Sha256.of(field(lines, "flags")).substring(0, 8);
        } catch (IOException e) {
            return System.getProperty("os.arch");
        }
    }

    private static String field(List<String> lines, String name) {
        return lines.stream().filter(line -> line.startsWith(name)).findFirst().map(line -> line.substring(line.indexOf(':') + 1).strip())
            .orElse("");
    }
}
