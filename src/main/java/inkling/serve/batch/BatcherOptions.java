package inkling.serve.batch;

/**
 * How much one model does at a time.
 *
 * @param slots samples that are generated side by side, at least 1
 * @param cacheBytes for the keys and values of all sequences together, those kept for later requests included
 * @param waiting requests that may wait for a slot; one more is refused
 */
public record BatcherOptions(int slots, long cacheBytes, int waiting) {
    /** How many requests may wait by default. */
    public static final int WAITING = 64;
}
