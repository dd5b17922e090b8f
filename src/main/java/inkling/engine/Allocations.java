package inkling.engine;

import ai.djl.pytorch.jni.JniUtils;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Counts the memory that libtorch allocates, with libtorch's own profiler. */
public final class Allocations {
    private static final Pattern EVENT = Pattern.compile(
        "\"ts\": ([0-9.e+]+),\\s*\"dur\": ([0-9.e+]+),\\s*\"tid\": (\\d+),.*?\"cpu mem\": \"(-?[0-9.]+) ([KMG]?b)\"", Pattern.DOTALL);
    private static final double ROUNDING = 0.005; // the profile gives two decimals of a unit

    private Allocations() {}

    /**
     * An operator that has ended.
     *
     * @param start its time in the profile
     * @param bytes the memory that it and the operators it called allocated, minus the memory they freed
     */
    private record Operator(double start, double bytes) {}

    /**
     * The bytes of main memory that libtorch allocates while {@code work} runs on this thread, even if libtorch frees them again. They
     * include arrays that only a kernel or the backward pass uses. The result is exact to about 1 %, since the profile rounds. Profiling
     * slows {@code work} down. A process must not run two of these calls at the same time.
     */
    public static long bytes(Runnable work) {
        try {
            Path profile = Files.createTempFile("inkling", ".json");
            try {
                JniUtils.startProfile(false, false, true);
                try {
                    work.run();
                } finally {
                    JniUtils.stopProfile(profile.toString());
                }
                return sum(Files.readString(profile, StandardCharsets.UTF_8));
            } finally {
                Files.delete(profile);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Adds up the operators' own allocations. The profile lists operators in the order in which they end. So the operators that an
     * operator called come just before it. This method subtracts their bytes from its bytes.
     */
    static long sum(String profile) {
        double sum = 0;
        Deque<Operator> ended = new ArrayDeque<>();
        Matcher event = EVENT.matcher(profile);
        while (event.find()) {
            double start = Double.parseDouble(event.group(1));
            double unit = unit(event.group(5));
            double bytes = Double.parseDouble(event.group(4)) * unit;
            double own = bytes;
            while (!ended.isEmpty() && ended.peek().start() >= start) {
                own -= ended.pop().bytes();
            }
            if (own > (unit > 1 ? 2 * ROUNDING * unit : 0)) { // a smaller amount may be rounding; a negative one is freed memory
                sum += own;
            }
            ended.push(new Operator(start, bytes));
        }
        return Math.round(sum);
    }

    private static double unit(String name) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "gb" -> 1L << 30;
            case "mb" -> 1 << 20;
            case "kb" -> 1 << 10;
            default -> 1;
        };
    }
}
