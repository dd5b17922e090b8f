package inkling.model.grad;

import inkling.config.Key;
import inkling.errors.Problems;

/**
 * Options of preference tuning, the section {@code finetune: preference} of the run file, and the loss of one pair of answers:
 * {@code −(1 − ε) ln σ(β h) − ε ln σ(−β h)}. With ε = 0 this is equation 7 of Rafailov et al. 2023 (arXiv:2305.18290). The conservative
 * form in the code of these authors adds ε. The symbols:
 * <ul>
 * <li>β is {@code beta}, ε is {@code labelSmoothing}
 * <li>d of a model is ln p(chosen answer) − ln p(rejected answer)
 * <li>h is d of the trained model minus d of the reference, the model from which training began
 * </ul>
 */
public record PreferenceConfig(
    @Key(doc = "how strongly the model is held near the reference, the model that it began from: smaller allows more distance",
        def = "0.1") double beta,
    @Key(doc = "the share of pairs, in [0, 0.5), whose two answers are assumed to be swapped", def = "0.0") double labelSmoothing) {

    public PreferenceConfig {
        new Problems()
            .check(Double.isFinite(beta) && beta > 0, "beta", "beta = %s must be positive.", beta)
            .check(labelSmoothing >= 0 && labelSmoothing < 0.5, "label_smoothing", "label_smoothing = %s must be in [0, 0.5).",
                labelSmoothing)
            .throwIfAny();
    }

    /** The loss of a pair in nats, where {@code gain} is h in nats. For h = 0 the loss is ln 2. */
    public double loss(double gain) {
        return (1 - labelSmoothing) * softplus(-beta * gain) + labelSmoothing * softplus(beta * gain);
    }

    /** The derivative of {@link #loss} with respect to {@code gain}. */
    public double slope(double gain) {
        return beta * (labelSmoothing - sigmoid(-beta * gain));
    }

    /** ln(1 + eˣ) = −ln σ(−x), without overflow. */
    private static double softplus(double x) {
        return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }
}
