package inkling.generate;

import java.util.function.LongSupplier;

/**
 * On how many threads the next of many alike pieces of work (a token) is computed: on all or on one, whichever was faster when last
 * tried. All read the weights of a large model faster. One is as fast for a model that the processor's cache holds, and faster where
 * another process wants a core: threads that share each operation then wait for the one that has none.
 *
 * <p>The first few pieces try both. Then the faster stays for {@value #SHORTEST_STAY} pieces, and each time that a new trial confirms it
 * for twice as many, up to {@value #LONGEST_STAY}.
 */
final class ThreadChoice {
    static final int TRIAL = 3;
    static final int SHORTEST_STAY = 32;
    static final int LONGEST_STAY = 512;

    private final LongSupplier nanoTime;
    private final long[] fastest = {Long.MAX_VALUE, Long.MAX_VALUE}; // of the last few tokens: on all threads, on one
    private int current;                                             // 0 for all, 1 for one
    private int chosen;
    private int stay = SHORTEST_STAY;
    private boolean trial = true;
    private int left = TRIAL;
    private long started;

    /** @param nanoTime nanoseconds since some instant */
    ThreadChoice(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** Whether one thread is to do the piece that begins now. */
    boolean beginOnOne() {
        started = nanoTime.getAsLong();
        return current == 1;
    }

    /** It is done. */
    void end() {
        fastest[current] = Math.min(fastest[current], nanoTime.getAsLong() - started);
        left--;
        if (left > 0) {
            if (left == TRIAL) {
                fastest[current] = Long.MAX_VALUE; // a stay is compared by its last tokens
            }
            return;
        }
        int other = 1 - current;
        if (trial && fastest[other] < Long.MAX_VALUE) {
            choose(fastest[0] <= fastest[1] ? 0 : 1);
        } else {
            trial = true;
            current = other;
            fastest[other] = Long.MAX_VALUE;
            left = TRIAL;
        }
    }

    private void choose(int faster) {
        stay = faster == chosen ? Math.min(2 * stay, LONGEST_STAY) : SHORTEST_STAY;
        chosen = faster;
        current = faster;
        trial = false;
        left = stay;
    }
}
