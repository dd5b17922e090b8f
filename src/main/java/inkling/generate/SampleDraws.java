package inkling.generate;

import inkling.random.SplitMix64;

/**
 * The random numbers of one sample, a function of (seed, sample) alone: {@link SplitMix64} started at
 * {@code mix(mix(seed) + sample · GAMMA)}. So they do not depend on the other samples or on how many there are. A token uses one number; a
 * token that {@link SampleInProgress#judge} draws after a refusal uses two.
 */
public final class SampleDraws {
    private long state;

    /** @param sample from 0 */
    public SampleDraws(long seed, int sample) {
        this.state = SplitMix64.mix(SplitMix64.mix(seed) + sample * SplitMix64.GAMMA);
    }

    /** Uniform in [0, 1), 53 bits. */
    public double next() {
        state += SplitMix64.GAMMA;
        return (SplitMix64.mix(state) >>> 11) * 0x1.0p-53;
    }
}
