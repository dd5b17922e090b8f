package inkling.model.config;

import inkling.errors.Problems;
import io.soabase.recordbuilder.core.RecordBuilder;

/**
 * Constant factors of the forward pass, 1 in most models, and the cap of the logits. The factor of the attention scores is in
 * {@link AttentionConfig}.
 *
 * @param embedding factor of the token vectors, before positions are added
 * @param residual factor of the outputs of attention and MLP, before they are added to the residual stream
 * @param logit factor of the logits
 * @param logitCap c in c·tanh(logit / c), which keeps logits within ±c (Gemma 2); infinite for no cap
 */
@RecordBuilder
public record ScaleConfig(double embedding, double residual, double logit, double logitCap) implements ScaleConfigBuilder.With {
    /** The value of {@code logitCap} and {@link AttentionConfig#scoreCap} that means "no cap". */
    public static final double UNCAPPED = Double.POSITIVE_INFINITY;
    public static final ScaleConfig DEFAULT = new ScaleConfig(1, 1, 1, UNCAPPED);

    public ScaleConfig {
        new Problems()
            .check(Double.isFinite(embedding) && embedding > 0, "embedding_scale", "embedding_scale = %s must be positive.", embedding)
            .check(Double.isFinite(residual) && residual > 0, "residual_scale", "residual_scale = %s must be positive.", residual)
            .check(Double.isFinite(logit) && logit > 0, "logit_scale", "logit_scale = %s must be positive.", logit)
            .check(logitCap > 0, "logit_cap", "logit_cap = %s must be positive.", logitCap)
            .throwIfAny();
    }
}
