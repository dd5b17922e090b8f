package inkling.sample;

/**
 * The random numbers of one sample, from (seed, sample) alone: SplitMix64 (Steele, Lea and Flood 2014, "Fast splittable pseudorandom number
 * generators") started at {@code mix(mix(seed) + sample · γ)}. Written out here so that no Java version changes what a seed means.
 * One number is used per token, so the t-th token of a sample depends on no other sample and not on how many there are.
 */
public final class Draws {
    private static final long GAMMA = 0x9E3779B97F4A7C15L; // 2⁶⁴ / golden ratio, odd

    private long state;

    /** @param sample from 0 */
    public Draws(long seed, int sample) {
        this.state = mix(mix(seed) + sample * GAMMA);
    }

    /** Uniform in [0, 1), 53 bits. */
    public double next() {
        state += GAMMA;
        return (mix(state) >>> 11) * 0x1.0p-53;
    }

    private static long mix(long z) {
        long a = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
        long b = (a ^ a >>> 27) * 0x94D049BB133111EBL;
        return b ^ b >>> 31;
    }
}
