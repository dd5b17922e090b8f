package inkling.model.config;

import inkling.errors.Problems;
import io.soabase.recordbuilder.core.RecordBuilder;

/**
 * How vectors are normalised before they are read.
 *
 * @param eps added to the variance or mean square
 * @param bias whether a shift is added; {@link Norm#RMS_NORM} has none
 * @param placement where they stand in a block
 * @param onePlusGain whether the weight w is stored for a gain of 1 + w, so that weight decay draws the gain to 1 (Gemma)
 */
@RecordBuilder
public record NormConfig(Norm kind, double eps, boolean bias, NormPlacement placement, boolean onePlusGain) implements NormConfigBuilder.With {
    /** GPT-2's. */
    public static final NormConfig DEFAULT = new NormConfig(Norm.LAYER_NORM, 1e-5, true, NormPlacement.PRE, false);

    public NormConfig {
        new Problems()
            .check(Double.isFinite(eps) && eps > 0, "norm_eps", "norm_eps = %s must be positive.", eps)
            .check(!bias || kind != Norm.RMS_NORM, "norm_bias", "norm_bias = true, but rms_norm has no bias. Delete it.")
            .throwIfAny();
    }
}
