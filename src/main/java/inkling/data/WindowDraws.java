package inkling.data;

import inkling.random.SplitMix64;

/**
 * Draws random numbers: offsets of windows in a text, or numbers of examples. Draw j does not depend on earlier draws, so a run can
 * continue from j without saved state.
 *
 * <p>Draw j comes from output j + 1 of {@link SplitMix64} with the seed {@code mix(seed + salt)}; draws are counted from 0, outputs from 1.
 * The salt makes training and evaluation draw different numbers.
 */
public enum WindowDraws {
    TRAINING(0x747261696E000000L), EVALUATION(0x6576616C00000000L);

    private final long salt;

    WindowDraws(long salt) {
        this.salt = salt;
    }

    /** Draw {@code j}: uniform over 0 … bound − 1, up to a bias of bound / 2^63. */
    public long at(long seed, long j, long bound) {
        if (bound < 1 || bound >= 1L << 62) {
            throw new IllegalArgumentException("bound %d is not in 1 … 2^62 − 1".formatted(bound));
        }
        long random63 = bits(seed, j) >>> 1;
        return Math.multiplyHigh(random63, bound << 1);   // floor(random63 / 2^63 · bound)
    }

    long bits(long seed, long j) {
        return SplitMix64.mix(start(seed) + (j + 1) * SplitMix64.GAMMA);
    }

    long start(long seed) {
        return SplitMix64.mix(seed + salt);
    }
}
