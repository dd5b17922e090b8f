package inkling.model.config;

import inkling.errors.Problems;
import io.soabase.recordbuilder.core.RecordBuilder;

/**
 * What is computed in each token's own vector.
 *
 * @param nInner I, width of the hidden layer
 * @param bias whether its linears have one
 */
@RecordBuilder
public record MlpConfig(Activation activation, int nInner, boolean bias) implements MlpConfigBuilder.With {
    /** Of a model of 128 channels, as GPT-2's. */
    public static final MlpConfig DEFAULT = new MlpConfig(Activation.GELU_TANH, 512, true);

    public MlpConfig {
        new Problems()
            .check(nInner <= GptConfig.LONGEST, "n_inner", "n_inner = %d must be at most %d.", nInner, GptConfig.LONGEST)
            .check(nInner > 0, "n_inner", "n_inner = %d must be positive.", nInner)
            .throwIfAny();
    }

    /** Whether a second linear of the same input gates the hidden layer. */
    public boolean gated() {
        return activation.gated();
    }
}
