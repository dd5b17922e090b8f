package inkling.spark;

import inkling.io.Sha256;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** What tells machines and processes apart. */
final class Machine {
    private static final Path CPUS = Path.of("/proc/cpuinfo");
    private static final String ARCHITECTURE = System.getProperty("os.arch");

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

    /** The processor's model, and a hash of its features, by which libraries choose their kernels; on Linux only, elsewhere its architecture. */
    static String cpu() {
        try {
            return cpu(Files.readAllLines(CPUS));
        } catch (IOException e) {
            return ARCHITECTURE;
        }
    }

    /** @param lines of {@code /proc/cpuinfo}; on ARM they name no model, and call the features otherwise */
    static String cpu(List<String> lines) {
        String model = field(lines, "model name").orElse(ARCHITECTURE).replace(',', ' ');   // it has a column of workers.csv
        return model + " " + Sha256.of(field(lines, "flags").or(() -> field(lines, "Features")).orElse("")).substring(0, 8);
    }

    private static Optional<String> field(List<String> lines, String name) {
        return lines.stream().filter(line -> line.startsWith(name)).findFirst().map(line -> line.substring(line.indexOf(':') + 1).strip());
    }
}
