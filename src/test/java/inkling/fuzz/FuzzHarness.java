package inkling.fuzz;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * {@code bench/fuzz/run [--safetensors N] [--others N] [--seed N] [--format NAME]}: reads spoiled files of each format in a JVM
 * with a small heap, and prints what came of it. A file is refused with a declared exception or accepted; anything else, a slow answer or a
 * dead JVM is a fault.
 */
public final class FuzzHarness {
    private static final int MAX_CPU_MILLIS = 10_000;
    private static final int MAX_SHOWN = 20;
    private static final int MAX_RESIDENT_MB = 400;

    private FuzzHarness() {}

    /** The child: one format. */
    public static final class Child {
        private static final ThreadMXBean CPU = ManagementFactory.getThreadMXBean();   // a busy machine makes no file slow

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
                        System.out.println("UNDECLARED " + format + " " + (seed + i) + ": " + e);
                    }
                }
                slowest = Math.max(slowest, CPU.getCurrentThreadCpuTime() - started);
            }
            System.out.printf("%d %d %d %d%n", accepted, undeclared, slowest / 1_000_000, residentMegabytes());
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
        Path memory = Path.of("/dev/shm");
        Path directory = Files.isWritable(memory) ? Files.createTempDirectory(memory, "inkling-fuzz")
            : Files.createTempDirectory("inkling-fuzz");
        System.out.printf("%-14s %10s %10s %10s %11s %11s %11s%n", "format", "files", "accepted", "refused", "undeclared", "slowest CPU",
            "peak MB");
        boolean well = true;
        int only = options.indexOf("--format");
        Format[] formats = only < 0 ? Format.values() : new Format[] {Format.valueOf(options.get(only + 1).toUpperCase(Locale.ROOT))};
        for (Format format : formats) {
            well &= run(format, format == Format.SAFETENSORS ? safetensors : others, seed,
                Files.createDirectory(directory.resolve(format.name())));
        }
        System.out.println(well ? "no undeclared exception, no dead JVM, time and memory within bounds" : "FAULTS: see above");
        System.exit(well ? 0 : 1);
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
            System.out.printf("%-14s the JVM ended with %d: %s%n", name(format), exit, String.join("\n", lines));
            return false;
        }
        long[] counts = Arrays.stream(last.split(" ")).mapToLong(Long::parseLong).toArray();
        lines.subList(0, lines.size() - 1).forEach(System.out::println);
        System.out.printf("%-14s %,10d %,10d %,10d %,11d %,11d %,11d%n", name(format), tries, counts[0], tries - counts[0] - counts[1],
            counts[1],
            counts[2], counts[3]);
        return counts[1] == 0 && counts[2] < MAX_CPU_MILLIS && counts[3] < MAX_RESIDENT_MB;
    }

    private static String name(Format format) {
        return format.name().toLowerCase(Locale.ROOT);
    }
}
