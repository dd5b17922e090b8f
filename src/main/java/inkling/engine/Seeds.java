package inkling.engine;

import ai.djl.pytorch.jni.JniUtils;
import inkling.random.SplitMix64;

/**
 * Explicit seeds for torch's random numbers. Each use of random numbers has its own seed. {@link #mix} makes this seed from the run's seed
 * and from what the numbers are for, e.g. from the hash of a parameter's name, or the number of a layer or micro-batch.
 */
public final class Seeds {
    private Seeds() {}

    /** Seeds torch's process-wide generator. */
    public static void seedEngine(long seed) {
        JniUtils.setSeed(seed);
    }

    /** Mixes 64-bit words into one seed, with one step of {@link SplitMix64} for each word. */
    public static long mix(long... words) {
        long state = 0;
        for (long word : words) {
            state = SplitMix64.mix(state + SplitMix64.GAMMA + word);
        }
        return state;
    }
}
