package inkling.inspect.metrics;

import java.util.Arrays;

/**
 * The values of one metric over the steps, in bounded memory. At first each point is one measured value and takes 16 bytes. A full curve
 * joins each two neighbouring points, until there is room again. A joined point stands for 4, 8, 16, … measured values and takes 40 bytes.
 * It keeps the last, mean, least and greatest of its values, so no peak is lost.
 */
public final class Curve {
    /** The most values that are kept one by one; they take 16 MiB. There are at most half as many joined points; they take 20 MiB. */
    public static final int MOST = 1 << 20;

    private static final int FIRST = 256;

    private final int most;
    private long[] steps = new long[FIRST];
    private double[] last = new double[FIRST];
    private double[] mean = {};                // mean, low and high are used only if each > 1
    private double[] low = {};
    private double[] high = {};
    private long each = 1;                     // values that a full point stands for
    private long inLast;                       // values that the last point stands for so far
    private int size;

    public Curve() {
        this(MOST);
    }

    /** @param most the most values that are kept one by one, a power of two */
    Curve(int most) {
        this.most = most;
    }

    /**
     * A part of a curve, in few points. Point i stands for a range of measured values.
     *
     * @param each the most measured values that a point stands for; if it is 1, all four arrays of values are equal
     * @param steps [i], the step at which the last value of the range was measured
     * @param last [i], the last value of the range
     * @param mean [i], the mean of the range
     * @param low [i], the least value of the range
     * @param high [i], the greatest value of the range
     */
    public record Window(long each, long[] steps, double[] last, double[] mean, double[] low, double[] high) {}

    /** Adds a measured value. @param step greater than the step of the value added before */
    public void add(long step, double value) {
        if (size > 0 && inLast < each) {
            join(step, value);
            return;
        }
        if (size == (each == 1 ? most : most / 2)) {
            halve();
            add(step, value);
            return;
        }
        if (size == steps.length) {
            resize(2 * size);
        }
        steps[size] = step;
        last[size] = value;
        if (each > 1) {
            mean[size] = value;
            low[size] = value;
            high[size] = value;
        }
        size++;
        inLast = 1;
    }

    private void join(long step, double value) {
        int i = size - 1;
        inLast++;
        steps[i] = step;
        last[i] = value;
        mean[i] += (value - mean[i]) / inLast;
        low[i] = Math.min(low[i], value);
        high[i] = Math.max(high[i], value);
    }

    /** Joins each two neighbours to one point. All points are full when this is called, so the means of both have the same weight. */
    private void halve() {
        if (each == 1) {
            mean = last.clone();
            low = last.clone();
            high = last.clone();
        }
        for (int i = 0; i < size / 2; i++) {
            steps[i] = steps[2 * i + 1];
            last[i] = last[2 * i + 1];
            mean[i] = (mean[2 * i] + mean[2 * i + 1]) / 2;
            low[i] = Math.min(low[2 * i], low[2 * i + 1]);
            high[i] = Math.max(high[2 * i], high[2 * i + 1]);
        }
        size /= 2;
        each *= 2;
        inLast = each;
        resize(most / 2);
    }

    private void resize(int length) {
        steps = Arrays.copyOf(steps, length);
        last = Arrays.copyOf(last, length);
        if (each > 1) {
            mean = Arrays.copyOf(mean, length);
            low = Arrays.copyOf(low, length);
            high = Arrays.copyOf(high, length);
        }
    }

    /** Forgets all values. */
    public void clear() {
        size = 0;
        each = 1;
        inLast = 0;
    }

    /** How many points are kept. */
    public int size() {
        return size;
    }

    /** Bytes of memory that the arrays of this curve take. */
    public long bytes() {
        return (long) Double.BYTES * (steps.length + last.length + mean.length + low.length + high.length);
    }

    /**
     * The points of the steps from {@code from} to {@code to}, both included, joined further if they are more than {@code points}.
     *
     * @param points the most points of the result, at least 1
     */
    public Window window(long from, long to, int points) {
        int begin = position(from);
        int end = to == Long.MAX_VALUE ? size : position(to + 1);
        int n = Math.max(0, end - begin);
        int buckets = Math.min(n, points);
        Window window = new Window(buckets == 0 ? 1 : each * ((n + buckets - 1) / buckets), new long[buckets], new double[buckets],
            new double[buckets], new double[buckets], new double[buckets]);
        for (int bucket = 0; bucket < buckets; bucket++) {
            fill(window, bucket, begin + (int) ((long) bucket * n / buckets), begin + (int) ((long) (bucket + 1) * n / buckets));
        }
        return window;
    }

    private void fill(Window window, int bucket, int from, int to) {
        double[] means = each == 1 ? last : mean;
        double[] lows = each == 1 ? last : low;
        double[] highs = each == 1 ? last : high;
        double sum = 0;
        double least = lows[from];
        double greatest = highs[from];
        for (int i = from; i < to; i++) {
            sum += means[i] * values(i);
            least = Math.min(least, lows[i]);
            greatest = Math.max(greatest, highs[i]);
        }
        window.steps[bucket] = steps[to - 1];
        window.last[bucket] = last[to - 1];
        window.mean[bucket] = sum / ((to - from - 1) * each + values(to - 1));
        window.low[bucket] = least;
        window.high[bucket] = greatest;
    }

    /** How many measured values a point stands for. */
    private long values(int point) {
        return point == size - 1 ? inLast : each;
    }

    /** How many points are before {@code step}. */
    private int position(long step) {
        int found = Arrays.binarySearch(steps, 0, size, step);
        return found < 0 ? -found - 1 : found;
    }
}
