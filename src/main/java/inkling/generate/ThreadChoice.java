package inkling.generate;

import java.util.function.LongSupplier;

/**
 * Chooses, while tokens are generated, whether the next token is computed on all threads or on one. It chooses the way that was faster in
 * the last trial. All threads together read the weights of a large model faster. For a model that fits into the processor's cache, one
 * thread is as fast. One thread is even faster while another process needs a core: threads that share an operation wait for the thread that
 * has no core.
 *
 * <p>The first few tokens try both ways, all threads first. After a trial, the faster way is used for some tokens; then the next trial
 * begins. If a trial changes the choice, the new one is used for {@value #SHORTEST_STAY} tokens. If a trial confirms the choice, it is used
 * for twice as many tokens as before, at most {@value #LONGEST_STAY}. Before the first trial, all threads count as the choice.
 */
public final class ThreadChoice {
    static final int TRIAL = 3; // tokens that try one of the two ways; the fastest of them counts
    static final int SHORTEST_STAY = 32;
    static final int LONGEST_STAY = 512;

    private final LongSupplier nanoTime;
    private final long[] fastest = {Long.MAX_VALUE, Long.MAX_VALUE}; // ns of the fastest of TRIAL tokens: on all threads, on one
    private int current;                                             // how this token is computed: 0 on all, 1 on one
    private int chosen;                                              // the winner of the last trial, 0 or 1; at first 0
    private int stay = SHORTEST_STAY;                                // tokens that the chosen way is used for
    private boolean trial = true;                                    // whether a trial is under way
    private int left = TRIAL;                                        // tokens until the next decision
    private long started;                                            // ns: when this token was begun

    /** @param nanoTime a clock in nanoseconds, such as {@link System#nanoTime} */
    public ThreadChoice(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** A token begins; returns whether to compute it on one thread. */
    public boolean beginOnOne() {
        started = nanoTime.getAsLong();
        return current == 1;
    }

    /** The token is computed. */
    public void end() {
        fastest[current] = Math.min(fastest[current], nanoTime.getAsLong() - started);
        left--;
        if (left > 0) {
            if (left == TRIAL) {
                fastest[current] = Long.MAX_VALUE; // only the last TRIAL tokens of the chosen way are compared with the other
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
