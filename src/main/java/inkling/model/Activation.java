package inkling.model;

import java.util.Locale;

/** The MLP's nonlinearity. GPT-2 was trained with {@link #GELU_TANH} (Hendrycks and Gimpel 2016, arXiv:1606.08415, the tanh form). */
public enum Activation {
    GELU_TANH, GELU, RELU, RELU_SQUARED, SWIGLU;

    /** The kernel that computes it. */
    public String kernel() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether a second linear of the same input, the gate, takes part. */
    public boolean gated() {
        return this == SWIGLU;
    }
}
