package inkling.serve.batch;

/**
 * How much one model does at a time. An exact text ({@link Work.Mode#EXACT}) needs no slot, and its keys and values do not count.
 *
 * @param slots the most samples that are generated side by side, at least 1
 * @param cacheBytes the most bytes of keys and values, of running texts and of ended texts that are kept for later prompts
 * @param waiting the most prompts that may wait, besides one for each free slot; further prompts are refused
 */
public record BatcherOptions(int slots, long cacheBytes, int waiting) {
    /** How many prompts may wait by default. */
    public static final int WAITING = 64;
}
