package inkling.model.config;

import inkling.config.Key;
import inkling.config.TypeName;
import inkling.errors.Problems;
import java.util.List;
import java.util.Optional;

/**
 * Rotary positions (Su et al. 2021, arXiv:2104.09864). If d channels of a head are rotated, channels i and i + d/2 form pair i, as in
 * Hugging Face's layout. The angle of pair i is position · theta^(−2i/d), before scaling.
 */
public record RopeConfig(
    @Key(doc = "base of the wavelengths, above 1", def = "10000.0") double theta,
    @Key(doc = "how wavelengths are stretched for longer contexts; null = not at all", def = "null") Optional<Scaling> scaling) {

    public static final RopeConfig DEFAULT = new RopeConfig(10_000.0, Optional.empty());

    public RopeConfig {
        new Problems().check(Double.isFinite(theta) && theta > 1, "theta", "theta = %s must be a number above 1.", theta).throwIfAny();
    }

    /** How wavelengths are stretched, with the formulas of Hugging Face's {@code modeling_rope_utils.py}. */
    public sealed interface Scaling permits LinearScaling, Llama3Scaling, LongRopeScaling {
        /** The frequency of pair {@code pair} after scaling, where {@code frequency} is its value before; in radians per position. */
        double frequency(double frequency, int pair);

        /** The factor that multiplies cos and sin. */
        default double magnitude() {
            return 1;
        }
    }

    /** Stretches all wavelengths by the same factor (Chen et al. 2023, arXiv:2306.15595). */
    @TypeName("linear")
    public record LinearScaling(@Key(doc = "how much longer all wavelengths become") double factor) implements Scaling {
        public LinearScaling {
            checkFactor(new Problems(), factor).throwIfAny();
        }

        @Override
        public double frequency(double frequency, int pair) {
            return frequency / factor;
        }
    }

    /** Llama 3.1's rule: stretches long wavelengths by {@code factor}, keeps short ones, and partly stretches wavelengths in between. */
    @TypeName("llama3")
    public record Llama3Scaling(
        @Key(doc = "how much longer the longest wavelengths become") double factor,
        @Key(doc = "wavelengths above original_context_length / low_freq_factor are stretched in full") double lowFreqFactor,
        @Key(doc = "wavelengths below original_context_length / high_freq_factor stay; those between the two limits are stretched in part")
        double highFreqFactor,
        @Key(doc = "the context that the model was first trained with") int originalContextLength) implements Scaling {

        public Llama3Scaling {
            checkFactor(new Problems(), factor)
                .check(Double.isFinite(lowFreqFactor) && lowFreqFactor > 0, "low_freq_factor",
                    "low_freq_factor = %s must be positive.", lowFreqFactor)
                .check(Double.isFinite(highFreqFactor) && highFreqFactor > lowFreqFactor, "high_freq_factor",
                    "high_freq_factor = %s must be above low_freq_factor = %s.", highFreqFactor, lowFreqFactor)
                .check(originalContextLength > 0, "original_context_length",
                    "original_context_length = %d must be positive.", originalContextLength)
                .throwIfAny();
        }

        @Override
        public double frequency(double frequency, int pair) {
            double wavelength = 2 * Math.PI / frequency;
            double turns = originalContextLength / wavelength; // full rotations within the original context
            if (turns < lowFreqFactor) {
                return frequency / factor;
            }
            if (turns > highFreqFactor) {
                return frequency;
            }
            double smooth = (turns - lowFreqFactor) / (highFreqFactor - lowFreqFactor);
            return (1 - smooth) * frequency / factor + smooth * frequency;
        }
    }

    /**
     * LongRoPE (Ding et al. 2024, arXiv:2402.13753) as in Phi-3 and Phi-4-mini. Each wavelength is stretched by its own factor, and
     * {@code magnitude} multiplies cos and sin. These models have two lists of factors; this record has the one for their original context.
     */
    @TypeName("longrope")
    public record LongRopeScaling(
        @Key(doc = "one factor for each pair of rotated channels: how much longer the wavelength of the pair becomes") List<Double> factors,
        @Key(doc = "cos and sin are multiplied by it") double magnitude) implements Scaling {

        public LongRopeScaling {
            factors = List.copyOf(factors);
            new Problems()
                .check(factors.stream().allMatch(factor -> Double.isFinite(factor) && factor > 0), "factors",
                    "factors = %s must all be positive.", factors)
                .check(Double.isFinite(magnitude) && magnitude > 0, "magnitude", "magnitude = %s must be positive.", magnitude)
                .throwIfAny();
        }

        /** √(1 + ln(context / original) / ln(original)) if {@code context} is longer than {@code original}, else 1. */
        public static double magnitude(int context, int original) {
            return context <= original ? 1 : Math.sqrt(1 + Math.log((double) context / original) / Math.log(original));
        }

        @Override
        public double frequency(double frequency, int pair) {
            return frequency / factors.get(pair);
        }
    }

    private static Problems checkFactor(Problems problems, double factor) {
        return problems.check(Double.isFinite(factor) && factor >= 1, "factor", "factor = %s must be at least 1.", factor);
    }
}
