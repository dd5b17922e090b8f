package inkling.serve.runs;

import java.util.Arrays;

/**
 * One number over the steps, packed: 16 bytes a point. It holds at most {@link #MOST} points; beyond, of each four neighbours the least and
 * the greatest stay, so that memory is bounded and no peak is lost.
 */
final class Curve {
    /** So many points are 16 MB. */
    static final int MOST = 1 << 20;

    private static final int FIRST = 256;
    private static final int BYTES_PER_POINT = 16;

    private final int most;
    private long[] steps = new long[FIRST];
    private double[] values = new double[FIRST];
    private int size;

    Curve() {
        this(MOST);
    }

    /** @param most points that are kept, a multiple of four */
    Curve(int most) {
        this.most = most;
    }

    /**
     * A part of a curve as at most so many points. Point i stands for a range of measured ones that ends at {@code steps[i]}, where
     * {@code last[i]} was measured; {@code mean}, {@code low} and {@code high} are of that range.
     *
     * @param each how many measured points stand behind each of these, at most; with 1, all four arrays are equal
     */
    record Window(int each, long[] steps, double[] last, double[] mean, double[] low, double[] high) {}

    /** @param step greater than that of the point before */
    void add(long step, double value) {
        if (size == most) {
            thin();
        }
        if (size == steps.length) {
            steps = Arrays.copyOf(steps, Math.min(most, 2 * size));
            values = Arrays.copyOf(values, steps.length);
        }
        steps[size] = step;
        values[size++] = value;
    }

    private void thin() {
        int kept = 0;
        for (int from = 0; from < size; from += 4) {
            int least = from;
            int greatest = from;
            for (int i = from + 1; i < from + 4; i++) {
                least = values[i] < values[least] ? i : least;
                greatest = values[i] >= values[greatest] ? i : greatest;
            }
            int first = Math.min(least, greatest);
            int second = least == greatest ? from + 3 : Math.max(least, greatest);
            long firstStep = steps[first];
            double firstValue = values[first];
            long secondStep = steps[second];
            double secondValue = values[second];
            steps[kept] = firstStep;
            values[kept++] = firstValue;
            steps[kept] = secondStep;
            values[kept++] = secondValue;
        }
        size = kept;
    }

    void clear() {
        size = 0;
    }

    int size() {
        return size;
    }

    /** What it takes of memory. */
    long bytes() {
        return (long) BYTES_PER_POINT * steps.length;
    }

    /**
     * The points of the steps from {@code from} to {@code to}, both included.
     *
     * @param points at most, at least 1
     */
    Window window(long from, long to, int points) {
        int begin = position(from);
        int end = to == Long.MAX_VALUE ? size : position(to + 1);
        int n = Math.max(0, end - begin);
        int buckets = Math.min(n, points);
        Window window = new Window(buckets == 0 ? 1 : (n + buckets - 1) / buckets, new long[buckets], new double[buckets],
            new double[buckets], new double[buckets], new double[buckets]);
        for (int bucket = 0; bucket < buckets; bucket++) {
            fill(window, bucket, begin + (int) ((long) bucket * n / buckets), begin + (int) ((long) (bucket + 1) * n / buckets));
        }
        return window;
    }

    private void fill(Window window, int bucket, int from, int to) {
        double sum = 0;
        double low = values[from];
        double high = values[from];
        for (int i = from; i < to; i++) {
            sum += values[i];
            low = Math.min(low, values[i]);
            high = Math.max(high, values[i]);
        }
        window.steps[bucket] = steps[to - 1];
        window.last[bucket] = values[to - 1];
        window.mean[bucket] = sum / (to - from);
        window.low[bucket] = low;
        window.high[bucket] = high;
    }

    /** How many points are before {@code step}. */
    private int position(long step) {
        int found = Arrays.binarySearch(steps, 0, size, step);
        return found < 0 ? -found - 1 : found;
    }
}
