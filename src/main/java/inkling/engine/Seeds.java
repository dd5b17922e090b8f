package inkling.engine;

import ai.djl.pytorch.jni.JniUtils;

/** Random numbers from explicit seeds: every place that draws derives its own seed from (run seed, what it is, which one). */
public final class Seeds {
    private Seeds() {}

    /** Seeds torch's process-wide generator. */
    public static void seedEngine(long seed) {
        JniUtils.setSeed(seed);
    }

    /** Mixes words into one seed; SplitMix64's finaliser (Steele, Lea and Flood 2014) after each word. */
    public static long mix(long... words) {
        long state = 0;
        for (long word : words) {
            state = finalise(state + 0x9E3779B97F4A7C15L + word);
        }
        return state;
    }

    private static long finalise(long z) {
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
