package inkling.model;

import inkling.io.Problems;
import java.util.Optional;

/**
 * Rotary positions, half-split pairs (i, i + hs/2) as Hugging Face lays them out.
 *
 * @param theta base of the wavelengths, &gt; 1; 10,000 in the paper (arXiv:2104.09864)
 * @param scaling Llama 3's stretching of long wavelengths, where used
 */
public record RopeConfig(double theta, Optional<Llama3Scaling> scaling) {
    public static final RopeConfig DEFAULT = new RopeConfig(10_000.0, Optional.empty());

    public RopeConfig {
        new Problems().check(Double.isFinite(theta) && theta > 1, "theta", "theta = %s must be a number above 1.", theta).throwIfAny();
    }

    /** Llama 3.1's rule: wavelengths above {@code originalContextLength / lowFreqFactor} are stretched by {@code factor}. */
    public record Llama3Scaling(double factor, double lowFreqFactor, double highFreqFactor, int originalContextLength) {
        public Llama3Scaling {
            new Problems()
                .check(Double.isFinite(factor) && factor >= 1, "factor", "factor = %s must be at least 1.", factor)
                .check(Double.isFinite(lowFreqFactor) && lowFreqFactor > 0, "low_freq_factor",
                    "low_freq_factor = %s must be positive.", lowFreqFactor)
                .check(Double.isFinite(highFreqFactor) && highFreqFactor > lowFreqFactor, "high_freq_factor",
                    "high_freq_factor = %s must be above low_freq_factor = %s.", highFreqFactor, lowFreqFactor)
                .check(originalContextLength > 0, "original_context_length",
                    "original_context_length = %d must be positive.", originalContextLength)
                .throwIfAny();
        }
    }
}
