package inkling.model.config;

import inkling.errors.Problems;
import io.soabase.recordbuilder.core.RecordBuilder;

/**
 * The shape and options of the MLP, which works on each token's vector by itself.
 *
 * @param nInner I, width of the hidden layer
 * @param bias whether the MLP's linears have a bias
 */
@RecordBuilder
public record MlpConfig(Activation activation, int nInner, boolean bias) implements MlpConfigBuilder.With {
    /** The default: GPT-2's MLP for n_embd = 128. */
    public static final MlpConfig DEFAULT = new MlpConfig(Activation.GELU_TANH, 512, true);

    public MlpConfig {
        new Problems()
            .check(nInner <= GptConfig.LONGEST, "n_inner", "n_inner = %d must be at most %d.", nInner, GptConfig.LONGEST)
            .check(nInner > 0, "n_inner", "n_inner = %d must be positive.", nInner)
            .throwIfAny();
    }

    /** Whether the MLP has a second linear, the gate, that reads the same input as the first. */
    public boolean gated() {
        return activation.gated();
    }
}
