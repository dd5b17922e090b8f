package inkling.model.config;

import inkling.config.Key;
import inkling.config.TypeName;
import inkling.errors.Problems;
import java.util.Optional;

/**
 * Rotary positions, half-split pairs (i, i + hs/2) as Hugging Face lays them out (Su et al. 2021, arXiv:2104.09864).
 */
public record RopeConfig(
    @Key(doc = "base of the wavelengths, above 1", def = "10000.0") double theta,
    @Key(doc = "Llama 3's stretching of long wavelengths, or null", def = "null") Optional<Llama3Scaling> scaling) {

    public static final RopeConfig DEFAULT = new RopeConfig(10_000.0, Optional.empty());

    public RopeConfig {
        new Problems().check(Double.isFinite(theta) && theta > 1, "theta", "theta = %s must be a number above 1.", theta).throwIfAny();
    }

    /** Llama 3.1's rule: wavelengths above {@code originalContextLength / lowFreqFactor} are stretched by {@code factor}. */
    @TypeName("llama3")
    public record Llama3Scaling(
        @Key(doc = "how much longer the longest wavelengths become") double factor,
        @Key(doc = "wavelengths above original_context_length / this are stretched in full") double lowFreqFactor,
        @Key(doc = "wavelengths below original_context_length / this stay; between the two, in part") double highFreqFactor,
        @Key(doc = "the context that the model was first trained with") int originalContextLength) {

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
