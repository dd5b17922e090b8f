package inkling.model;

/** The MLP's nonlinearity. GPT-2 was trained with {@link #GELU_TANH} (Hendrycks and Gimpel 2016, arXiv:1606.08415, the tanh form). */
public enum Activation { GELU_TANH, GELU, RELU, RELU_SQUARED, SWIGLU }
