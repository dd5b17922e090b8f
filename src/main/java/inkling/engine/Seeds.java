package inkling.engine;

import ai.djl.pytorch.jni.JniUtils;
import inkling.random.SplitMix64;

/**
 * Random numbers from explicit seeds: each use mixes its own seed from the run's seed and what the numbers are for, e.g. a parameter's
 * name, a layer, a micro-batch.
 */
public final class Seeds {
    private Seeds() {}

    /** Seeds torch's process-wide generator. */
    public static void seedEngine(long seed) {
        JniUtils.setSeed(seed);
    }

    /** Mixes words into one seed; {@link SplitMix64#mix} after each word. */
    public static long mix(long... words) {
        long state = 0;
        for (long word : words) {
            state = SplitMix64.mix(state + SplitMix64.GAMMA + word);
        }
        return state;
    }
}
