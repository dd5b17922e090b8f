package inkling.model.config;

import inkling.errors.Problems;
import io.soabase.recordbuilder.core.RecordBuilder;

/**
 * The kind, place and options of the norms.
 *
 * @param eps added to the variance or mean square
 * @param bias whether a bias is added; {@link Norm#RMS_NORM} has none
 * @param placement where the norms stand in a block
 * @param onePlusGain whether a stored weight w means a gain of 1 + w (Gemma)
 */
@RecordBuilder
public record NormConfig(Norm kind, double eps, boolean bias, NormPlacement placement, boolean onePlusGain)
    implements NormConfigBuilder.With {
    /** The norms of GPT-2. */
    public static final NormConfig DEFAULT = new NormConfig(Norm.LAYER_NORM, 1e-5, true, NormPlacement.PRE, false);

    public NormConfig {
        new Problems()
            .check(Double.isFinite(eps) && eps > 0, "norm_eps", "norm_eps = %s must be positive.", eps)
            .check(!bias || kind != Norm.RMS_NORM, "norm_bias", "norm_bias = true, but rms_norm has no bias. Delete it.")
            .throwIfAny();
    }
}
