package inkling.model.config;

import java.util.Locale;

/** The MLP's nonlinearity. */
public enum Activation {
    /** x Φ(x) in the tanh approximation that GPT-2 was trained with (Hendrycks and Gimpel 2016, arXiv:1606.08415). */
    GELU_TANH(false),
    /** Exact x Φ(x). */
    GELU(false),
    /** max(x, 0). */
    RELU(false),
    /** max(x, 0)² (So et al. 2021, arXiv:2109.08668). */
    RELU_SQUARED(false),
    /** silu(gate) · up (Shazeer 2020, arXiv:2002.05202). */
    SWIGLU(true),
    /** gelu(gate) · up with the tanh approximation (Shazeer 2020), as in Gemma. */
    GEGLU_TANH(true);

    private final boolean gated;

    Activation(boolean gated) {
        this.gated = gated;
    }

    /** The name of the activation's kernel: the constant's name in lower case. */
    public String kernel() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether the MLP has a second linear, the gate, that reads the same input. */
    public boolean gated() {
        return gated;
    }
}
