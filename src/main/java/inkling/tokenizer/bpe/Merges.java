package inkling.tokenizer.bpe;

import java.util.Arrays;

/**
 * The merges of a BPE vocabulary as a table (left id, right id) -> (rank, merged id), and the greedy procedure that applies them. It always
 * merges the pair with the lowest rank. If that pair occurs several times, the leftmost merges first. Source: Sennrich et al. 2016,
 * arXiv:1508.07909.
 */
final class Merges {
    /** The result of {@link #find} if the two ids do not merge. It is larger than every other result. */
    static final long NONE = Long.MAX_VALUE;

    /** Below this many symbols, a search through all pairs is faster than a heap. */
    private static final int SHORT = 64;
    private static final long FREE = -1;

    private final long[] keys;   // left << 32 | right, in a hash table with open addressing, at most half full
    private final long[] values; // rank << 32 | merged id

    /** @param capacity the largest number of merges */
    Merges(int capacity) {
        int slots = Integer.highestOneBit(Math.max(8, capacity)) * 4;
        keys = new long[slots];
        values = new long[slots];
        Arrays.fill(keys, FREE);
    }

    /** Adds a merge. Changes nothing and returns false if the pair already has one. */
    boolean put(int left, int right, int rank, int merged) {
        long key = pair(left, right);
        int slot = slot(key);
        if (keys[slot] == key) {
            return false;
        }
        keys[slot] = key;
        values[slot] = ((long) rank << 32) | merged;
        return true;
    }

    /** The merge of a pair as {@code rank << 32 | merged id}, or {@link #NONE}. */
    long find(int left, int right) {
        int slot = slot(pair(left, right));
        return keys[slot] == FREE ? NONE : values[slot];
    }

    /** Merges {@code ids[0, n)} in place until no pair can merge. Returns how many ids remain. O(n log n) for long input. */
    int apply(int[] ids, int n) {
        return n < SHORT ? applyShort(ids, n) : applyLong(ids, n);
    }

    static long pair(int left, int right) {
        return ((long) left << 32) | right;
    }

    private int slot(long key) {
        int mask = keys.length - 1;
        int slot = (int) (mix(key) >>> 32) & mask;
        while (keys[slot] != key && keys[slot] != FREE) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    /** Spreads keys over the upper 32 bits, from which hash tables take their slots. */
    static long mix(long key) {
        long h = key * 0x9E3779B97F4A7C15L; // 2^64 / golden ratio
        return h ^ (h >>> 29);
    }

    private int applyShort(int[] ids, int n) {
        long[] found = new long[SHORT];
        for (int i = 0; i + 1 < n; i++) {
            found[i] = find(ids[i], ids[i + 1]);
        }
        int count = n;
        while (count > 1) {
            int best = 0;
            for (int i = 1; i + 1 < count; i++) {
                if (found[i] < found[best]) {
                    best = i;
                }
            }
            if (found[best] == NONE) {
                return count;
            }
            ids[best] = (int) found[best];
            count--;
            System.arraycopy(ids, best + 2, ids, best + 1, count - best - 1);
            System.arraycopy(found, best + 1, found, best, count - best - 1);
            if (best > 0) {
                found[best - 1] = find(ids[best - 1], ids[best]);
            }
            if (best + 1 < count) {
                found[best] = find(ids[best], ids[best + 1]);
            }
        }
        return count;
    }

    /** Keeps symbols in a linked list and candidates in a heap. A candidate that an earlier merge has made invalid is skipped. */
    private int applyLong(int[] ids, int n) {
        int[] next = new int[n];
        int[] previous = new int[n];
        LongHeap candidates = new LongHeap(n);
        for (int i = 0; i < n; i++) {
            next[i] = i + 1;
            previous[i] = i - 1;
            push(candidates, ids, i, i + 1, n);
        }
        while (!candidates.isEmpty()) {
            long candidate = candidates.poll();
            int at = (int) candidate;
            int right = next[at];
            if (ids[at] < 0 || right >= n) {
                continue;
            }
            long found = find(ids[at], ids[right]);
            if (found == NONE || found >>> 32 != candidate >>> 32) {
                continue;
            }
            ids[at] = (int) found;
            ids[right] = -1;
            next[at] = next[right];
            if (next[at] < n) {
                previous[next[at]] = at;
            }
            push(candidates, ids, at, next[at], n);
            if (previous[at] >= 0) {
                push(candidates, ids, previous[at], at, n);
            }
        }
        int count = 0;
        for (int i = 0; i < n; i = next[i]) {
            ids[count++] = ids[i];
        }
        return count;
    }

    private void push(LongHeap candidates, int[] ids, int at, int right, int n) {
        long found = right < n ? find(ids[at], ids[right]) : NONE;
        if (found != NONE) {
            candidates.add((found >>> 32 << 32) | at);   // rank << 32 | index of the left symbol
        }
    }

    /** A priority queue of longs, smallest first, without boxing. */
    private static final class LongHeap {
        private long[] heap;
        private int size;

        LongHeap(int capacity) {
            heap = new long[Math.max(16, capacity)];
        }

        boolean isEmpty() {
            return size == 0;
        }

        void add(long value) {
            if (size == heap.length) {
                heap = Arrays.copyOf(heap, size * 2);
            }
            int at = size++;
            while (at > 0 && heap[(at - 1) >>> 1] > value) {
                heap[at] = heap[(at - 1) >>> 1];
                at = (at - 1) >>> 1;
            }
            heap[at] = value;
        }

        long poll() {
            long top = heap[0];
            long last = heap[--size];
            int at = 0;
            while (true) {
                int child = 2 * at + 1;
                if (child >= size) {
                    break;
                }
                if (child + 1 < size && heap[child + 1] < heap[child]) {
                    child++;
                }
                if (heap[child] >= last) {
                    break;
                }
                heap[at] = heap[child];
                at = child;
            }
            heap[at] = last;
            return top;
        }
    }
}
