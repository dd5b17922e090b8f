package inkling.serve.batch;

/**
 * How much one model does at a time.
 *
 * @param slots the most samples that are generated side by side, at least 1
 * @param cacheBytes the most bytes of keys and values, of running texts and of ended texts that are kept for later requests
 * @param waiting the most requests that may wait; further requests are refused
 */
public record BatcherOptions(int slots, long cacheBytes, int waiting) {
    /** How many requests may wait by default. */
    public static final int WAITING = 64;
}
