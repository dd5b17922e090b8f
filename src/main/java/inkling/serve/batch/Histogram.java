package inkling.serve.batch;

import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.DoubleAdder;

/** Counts of measured values by size, as Prometheus reads them. */
public final class Histogram {
    private final double[] bounds;
    private final AtomicLongArray counts;
    private final DoubleAdder sum = new DoubleAdder();

    /** @param bounds the largest value of each bucket, rising; one more bucket takes all larger values */
    Histogram(double... bounds) {
        this.bounds = bounds;
        this.counts = new AtomicLongArray(bounds.length + 1);
    }

    void add(double value) {
        int bucket = 0;
        while (bucket < bounds.length && value > bounds[bucket]) {
            bucket++;
        }
        counts.incrementAndGet(bucket);
        sum.add(value);
    }

    public int buckets() {
        return counts.length();
    }

    /** The largest value of a bucket; +∞ for the last. */
    public double bound(int bucket) {
        return bucket < bounds.length ? bounds[bucket] : Double.POSITIVE_INFINITY;
    }

    /** How many values are at most {@link #bound bound(bucket)}. */
    public long upTo(int bucket) {
        long count = 0;
        for (int i = 0; i <= bucket; i++) {
            count += counts.get(i);
        }
        return count;
    }

    public double sum() {
        return sum.sum();
    }
}
