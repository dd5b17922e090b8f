package inkling.data;

/**
 * Random numbers by counter: draw j of a seed is a function of (seed, j) alone, so nothing has to be saved to go on from j.
 *
 * <p>Draw j is output j of SplitMix64 (Steele, Lea, Flood 2014, "Fast splittable pseudorandom number generators"), started at
 * {@code mix(seed + salt)}; the salt keeps training and evaluation apart. Written out here because the JDK promises no sequence
 * for its own generators.
 */
enum Draws {
    TRAINING(0x747261696E000000L), EVALUATION(0x6576616C00000000L);

    private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;
    private final long salt;

    Draws(long salt) {
        this.salt = salt;
    }

    /** Uniform over 0 … bound − 1, up to a bias of bound / 2^63. */
    long at(long seed, long j, long bound) {
        if (bound < 1 || bound >= 1L << 62) {
            throw new IllegalArgumentException("bound %d is not in 1 … 2^62 − 1".formatted(bound));
        }
        long random63 = bits(seed, j) >>> 1;
        return Math.multiplyHigh(random63, bound << 1);   // floor(random63 / 2^63 · bound)
    }

    long bits(long seed, long j) {
        return mix(start(seed) + (j + 1) * GOLDEN_GAMMA);
    }

    long start(long seed) {
        return mix(seed + salt);
    }

    /** Stafford's variant 13 of the MurmurHash3 finaliser. */
    private static long mix(long bits) {
        long z = (bits ^ (bits >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
