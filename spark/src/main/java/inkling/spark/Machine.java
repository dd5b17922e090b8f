package inkling.spark;

import inkling.io.Sha256;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Names this process and its processor, for reports. */
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

    /**
     * The processor's model and a hash of the processor's features, by which libraries choose their kernels. Without
     * {@code /proc/cpuinfo}, only the architecture.
     */
    static String cpu() {
        try {
            return cpu(Files.readAllLines(CPUS));
        } catch (IOException e) {
            return ARCHITECTURE;
        }
    }

    /** @param lines the lines of {@code /proc/cpuinfo}; on ARM, they give the model as three numbers and call the flags Features */
    static String cpu(List<String> lines) {
        // A comma would end the column of workers.csv.
        String model = field(lines, "model name").orElseGet(() -> armModel(lines)).replace(',', ' ');
        return model + " " + Sha256.of(field(lines, "flags").or(() -> field(lines, "Features")).orElse("")).substring(0, 8);
    }

    /** {@code aarch64 0x41 0xd0c 0x3}: architecture, who designed the core, which core, its variant. */
    private static String armModel(List<String> lines) {
        Stream<String> numbers = Stream.of("CPU implementer", "CPU part", "CPU variant").flatMap(name -> field(lines, name).stream());
        return Stream.concat(Stream.of(ARCHITECTURE), numbers).collect(Collectors.joining(" "));
    }

    private static Optional<String> field(List<String> lines, String name) {
        return lines.stream().filter(line -> line.startsWith(name)).findFirst().map(line -> line.substring(line.indexOf(':') + 1).strip());
    }
}
