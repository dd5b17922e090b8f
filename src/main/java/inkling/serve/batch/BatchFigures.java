package inkling.serve.batch;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Counts and times of the prompts and steps of one model, for {@code /metrics}. For any number of threads. */
public final class BatchFigures {
    /** Upper bounds of the histograms' buckets, in seconds. */
    static final double[] FIRST_TOKEN_BOUNDS = {0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30};
    static final double[] STEP_BOUNDS = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1};

    private final AtomicLong promptTokens = new AtomicLong();
    private final AtomicLong cachedTokens = new AtomicLong();
    private final AtomicLong drawnTokens = new AtomicLong();
    private final AtomicLong finished = new AtomicLong();
    private final AtomicLong cancelled = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private final Histogram firstToken = new Histogram(FIRST_TOKEN_BOUNDS);
    private final Histogram step = new Histogram(STEP_BOUNDS);
    private final AtomicInteger running = new AtomicInteger();
    private volatile long cacheBytes;

    /**
     * All samples of a prompt are finished.
     *
     * @param prompt how many tokens the prompt has
     * @param cached how many of these tokens had been read for an earlier prompt
     */
    void promptFinished(int prompt, int cached) {
        promptTokens.addAndGet(prompt);
        cachedTokens.addAndGet(cached);
    }

    void drawn() {
        drawnTokens.incrementAndGet();
    }

    /** The work on a prompt begins. @param samples how many samples are generated from it */
    void begun(int samples) {
        running.addAndGet(samples);
    }

    /**
     * The work on a prompt has ended.
     *
     * @param samples as for {@link #begun}; 0 if the work had not begun
     * @param whole false if the prompt was cancelled or failed
     */
    void ended(int samples, boolean whole) {
        running.addAndGet(-samples);
        (whole ? finished : cancelled).incrementAndGet();
    }

    void wasRefused() {
        refused.incrementAndGet();
    }

    void firstToken(long nanos) {
        firstToken.add(nanos / 1e9);
    }

    void step(long nanos, long bytes) {
        step.add(nanos / 1e9);
        cacheBytes = bytes;
    }

    public long promptTokens() {
        return promptTokens.get();
    }

    /** How many of the prompts' tokens had been read for earlier prompts. */
    public long cachedTokens() {
        return cachedTokens.get();
    }

    public long drawnTokens() {
        return drawnTokens.get();
    }

    /** Prompts whose samples came to their end. */
    public long finished() {
        return finished.get();
    }

    /** Prompts that were cancelled or failed. */
    public long cancelled() {
        return cancelled.get();
    }

    /** How often a prompt or a task found its queue full. A prompt that is handed over again and again counts each time. */
    public long refused() {
        return refused.get();
    }

    /** Samples of the prompts under way, including their samples that are complete already. */
    public int running() {
        return running.get();
    }

    /**
     * Bytes of keys and values after the last step, without those of an exact text. A text under way counts with the most tokens that it
     * may reach.
     */
    public long cacheBytes() {
        return cacheBytes;
    }

    /** Seconds from a prompt's arrival in the queue to its first token. */
    public Histogram firstToken() {
        return firstToken;
    }

    /** Seconds of each round of {@link Batcher} that had texts, without the task at its end. */
    public Histogram step() {
        return step;
    }
}
