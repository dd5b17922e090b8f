package inkling.model.config;

import java.util.Locale;

/** Whether queries and keys are normalised before RoPE, and over which channels. The kind of norm is the model's; it has no bias. */
public enum QkNorm {
    NONE,
    /** Each head over its hs channels, with one weight (hs) for all heads: Qwen 3, Gemma 3. */
    HEAD,
    /** Each head over its hs channels, with a weight of its own; the weights of n heads are one array (n · hs): StableLM 2 12B. */
    HEAD_EACH,
    /** All n heads of a token together, with a weight (n · hs): OLMo 2. */
    ALL;

    /** Its name in kernels: the constant in lower case. */
    public String kernel() {
        return name().toLowerCase(Locale.ROOT);
    }
}
