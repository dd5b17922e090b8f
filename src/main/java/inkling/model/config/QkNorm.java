package inkling.model.config;

import java.util.Locale;

/**
 * Whether queries and keys are normalised before RoPE, and over which channels. The norm is of the kind {@link NormConfig#kind}, without a
 * bias.
 */
public enum QkNorm {
    NONE,
    /** Each head is normalised over its hs channels, with one weight (hs) for all heads: Qwen 3, Gemma 3. */
    HEAD,
    /** As {@link #HEAD}, but each head has its own weight; the weights of n heads are one array (n · hs): StableLM 2 12B. */
    HEAD_EACH,
    /** All n heads of a token are normalised together, with a weight (n · hs): OLMo 2. */
    ALL;

    /** The constant's name in lower case, which kernels take. */
    public String kernel() {
        return name().toLowerCase(Locale.ROOT);
    }
}
