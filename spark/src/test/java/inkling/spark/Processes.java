package inkling.spark;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Starts commands of this module as processes of their own. */
final class Processes {
    private Processes() {}

    /** Starts {@code inkling cluster arguments…} in {@code directory}; the caller reads the output of the process. */
    static Process start(Path directory, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx512m",
            "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream().filter(argument -> argument.startsWith("--add-opens"))
            .forEach(command::add);
        command.addAll(List.of("-cp", Path.of(System.getenv("SPARK_HOME"), "jars") + "/*", "inkling.spark.Main"));
        command.addAll(Arrays.asList(arguments));
        return new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true).start();
    }

    /** Reads a process's output up to the first line that contains {@code words}, and returns that line. */
    static String await(Process process, String words) throws IOException {
        StringBuilder before = new StringBuilder();
        BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            before.append(line).append('\n');
            if (line.contains(words)) {
                return line;
            }
        }
        throw new AssertionError("ended without \"%s\":%n%s".formatted(words, before));
    }

    /** Whether {@code process} is an executor of Spark, in which workers train. */
    static boolean isExecutor(ProcessHandle process) {
        return process.info().commandLine().orElse("").contains("CoarseGrainedExecutorBackend");
    }

    /** Waits, so that a process can be killed at a random moment. No test needs this to synchronize processes. */
    static void pause(long nanos) {
        try {
            TimeUnit.NANOSECONDS.sleep(nanos);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** Ends a process as a power cut would, with all that it started. */
    static void kill(ProcessHandle process) {
        List<ProcessHandle> below = process.descendants().toList();
        process.destroyForcibly();
        below.forEach(ProcessHandle::destroyForcibly);
    }
}
