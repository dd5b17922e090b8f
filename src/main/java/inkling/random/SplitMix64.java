package inkling.random;

/**
 * The arithmetic of SplitMix64 (Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators"): output n of a seed, counted
 * from 1, is {@code mix(seed + n · GAMMA)}. It is written out here because the JDK does not promise the numbers of its SplittableRandom.
 */
public final class SplitMix64 {
    /** 2⁶⁴ / golden ratio, made odd. */
    public static final long GAMMA = 0x9E3779B97F4A7C15L;

    private SplitMix64() {}

    /** Stafford's variant 13 of the MurmurHash3 finaliser: each bit of the result depends on every bit of {@code z}. */
    public static long mix(long z) {
        long a = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        long b = (a ^ (a >>> 27)) * 0x94D049BB133111EBL;
        return b ^ (b >>> 31);
    }
}
