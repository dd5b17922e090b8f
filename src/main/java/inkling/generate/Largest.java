package inkling.generate;

/** Ranks indices, mostly ids of tokens, by their values: the largest value first, equal values by lower index. */
public final class Largest {
    private Largest() {}

    /**
     * The ids of the {@code min(n, V)} largest values, the largest first. The others are not sorted: the time is about
     * {@code O(V + n log n log V)}.
     */
    public static int[] of(double[] values, int n) {
        int size = Math.min(n, values.length);
        if (size <= 0) {
            return new int[0];
        }
        int[] heap = new int[size]; // a min-heap: its root is the smallest value kept
        for (int id = 0; id < size; id++) {
            heap[id] = id;
        }
        for (int i = size / 2 - 1; i >= 0; i--) {
            sift(heap, values, i, size);
        }
        for (int id = size; id < values.length; id++) {
            if (values[id] > values[heap[0]]) { // an equal value with a higher id ranks lower
                heap[0] = id;
                sift(heap, values, 0, size);
            }
        }
        for (int last = size - 1; last > 0; last--) {
            int least = heap[0];
            heap[0] = heap[last];
            heap[last] = least;
            sift(heap, values, 0, last);
        }
        return heap;
    }

    /** 1 for the largest value; ties by lower id. */
    public static int rank(double[] values, int id) {
        int rank = 1;
        for (int other = 0; other < values.length; other++) {
            if (before(values, other, id)) {
                rank++;
            }
        }
        return rank;
    }

    private static boolean before(double[] values, int a, int b) {
        return values[a] > values[b] || values[a] == values[b] && a < b;
    }

    private static void sift(int[] heap, double[] values, int from, int size) {
        int moving = heap[from];
        int hole = from;
        for (int child = 2 * hole + 1; child < size; child = 2 * hole + 1) {
            if (child + 1 < size && before(values, heap[child], heap[child + 1])) {
                child++;
            }
            if (!before(values, moving, heap[child])) {
                break;
            }
            heap[hole] = heap[child];
            hole = child;
        }
        heap[hole] = moving;
    }
}
