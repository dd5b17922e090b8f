package inkling.fuzz;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * {@code bench/fuzz/run [--safetensors N] [--others N] [--seed N] [--format NAME]}: reads spoiled files of each format, or of the
 * named one alone, and prints the outcome. Each format has a JVM of its own with a small heap. A file must be accepted, or refused with a
 * declared exception. Another exception, a slow answer, too much memory or a dead JVM is a fault.
 */
public final class FuzzHarness {
    private static final int MAX_CPU_MILLIS = 10_000;
    private static final int MAX_SHOWN = 5;
    private static final int MAX_RESIDENT_MB = 400;

    private FuzzHarness() {}

    /** The child process, which reads files of one format. */
    public static final class Child {
        private static final ThreadMXBean CPU = ManagementFactory.getThreadMXBean();   // not the clock: the machine may be busy

        public static void main(String[] arguments) throws IOException {
            Format format = Format.valueOf(arguments[0]);
            long tries = Long.parseLong(arguments[1]);
            long seed = Long.parseLong(arguments[2]);
            Path directory = Path.of(arguments[3]);
            format.prepare(directory);
            List<byte[]> seeds = format.seeds();
            long accepted = 0;
            long undeclared = 0;
            long slowest = 0;
            for (long i = 0; i < tries; i++) {
                long started = CPU.getCurrentThreadCpuTime();
                try {
                    accepted += format.attempt(directory, seeds, seed + i) ? 1 : 0;
                } catch (RuntimeException | AssertionError | StackOverflowError e) {
                    if (undeclared++ < MAX_SHOWN) {
                        System.out.println("UNDECLARED " + format + " " + (seed + i) + ": " + told(e));
                    }
                }
                slowest = Math.max(slowest, CPU.getCurrentThreadCpuTime() - started);
            }
            System.out.printf("%d %d %d %d%n", accepted, undeclared, slowest / 1_000_000, residentMegabytes());
        }

        private static String told(Throwable fault) {
            return fault + (fault.getCause() == null ? "" : " <- " + fault.getCause()) + " at "
                + Arrays.stream(fault.getStackTrace()).limit(3).map(StackTraceElement::toString).toList();
        }

        private static long residentMegabytes() throws IOException {
            Path status = Path.of("/proc/self/status");
            return !Files.exists(status) ? 0 : Files.readAllLines(status).stream().filter(line -> line.startsWith("VmHWM:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024).findFirst().orElse(0);
        }
    }

    public static void main(String[] arguments) throws Exception {
        List<String> options = Arrays.asList(arguments);
        long safetensors = number(options, "--safetensors", 1_000_000);
        long others = number(options, "--others", 100_000);
        long seed = number(options, "--seed", 1);
        int only = options.indexOf("--format");
        Format[] formats = only < 0 ? Format.values() : new Format[] {Format.valueOf(options.get(only + 1).toUpperCase(Locale.ROOT))};
        System.exit(withstands(safetensors, others, seed, formats) ? 0 : 1);
    }

    /**
     * Whether all spoiled files were read or refused in words, in time and in little memory. Prints a line for each format.
     *
     * @param safetensors number of files of {@link Format#SAFETENSORS}
     * @param others number of files of each other format
     */
    static boolean withstands(long safetensors, long others, long seed, Format... formats) throws Exception {
        Path directory = scratch("");
        System.out.printf("%-16s %10s %10s %10s %11s %11s %11s%n", "format", "files", "accepted", "refused", "undeclared", "slowest CPU",
            "peak MB");
        boolean well = true;
        for (Format format : formats) {
            well &= run(format, format == Format.SAFETENSORS ? safetensors : others, seed,
                Files.createDirectory(directory.resolve(format.name())));
        }
        delete(directory);
        System.out.println(well ? "no undeclared exception, no dead JVM, time and memory within bounds" : "FAULTS: see above");
        return well;
    }

    /** A new directory, in memory (/dev/shm) if possible, since a million files are written. */
    static Path scratch(String name) throws IOException {
        Path memory = Path.of("/dev/shm");
        return Files.isWritable(memory) ? Files.createTempDirectory(memory, "inkling-fuzz" + name)
            : Files.createTempDirectory("inkling-fuzz" + name);
    }

    static void delete(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    private static long number(List<String> options, String name, long otherwise) {
        int at = options.indexOf(name);
        return at < 0 ? otherwise : Long.parseLong(options.get(at + 1));
    }

    private static boolean run(Format format, long tries, long seed, Path directory) throws Exception {
        Path output = directory.resolveSibling(format + ".out");
        Path crash = directory.resolveSibling(format + ".hs_err");
        Process child = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx64m",
            "-XX:MaxDirectMemorySize=16m", "-XX:+UseSerialGC", "-XX:+ExitOnOutOfMemoryError", "-XX:ErrorFile=" + crash, "-cp",
            System.getProperty("java.class.path"), Child.class.getName(), format.name(), Long.toString(tries), Long.toString(seed),
            directory.toString()).redirectErrorStream(true).redirectOutput(output.toFile()).start();
        int exit = child.waitFor();
        List<String> lines = new ArrayList<>(Files.readAllLines(output));
        String last = lines.isEmpty() ? "" : lines.get(lines.size() - 1);
        if (exit != 0 || Files.exists(crash) || !last.matches("\\d+ \\d+ \\d+ \\d+")) {
            System.out.printf("%-16s the JVM ended with %d: %s%n", name(format), exit, String.join("\n", lines));
            return false;
        }
        long[] counts = Arrays.stream(last.split(" ")).mapToLong(Long::parseLong).toArray();
        lines.subList(0, lines.size() - 1).forEach(System.out::println);
        System.out.printf("%-16s %,10d %,10d %,10d %,11d %,11d %,11d%n", name(format), tries, counts[0], tries - counts[0] - counts[1],
            counts[1],
            counts[2], counts[3]);
        return counts[1] == 0 && counts[2] < MAX_CPU_MILLIS && counts[3] < MAX_RESIDENT_MB;
    }

    private static String name(Format format) {
        return format.name().toLowerCase(Locale.ROOT);
    }
}
