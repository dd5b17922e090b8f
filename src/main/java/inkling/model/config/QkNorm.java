package inkling.model.config;

import java.util.Locale;

/** Whether queries and keys are normalised before rope turns them, by the model's kind of norm and without a shift, and over what. */
public enum QkNorm {
    NONE,
    /** Each head over its hs channels, all heads by the same weight (hs): Qwen 3, Gemma 3. */
    HEAD,
    /** Each head over its hs channels, by a weight of its own; the n weights of hs lie in one array (n · hs): StableLM 2 12B. */
    HEAD_EACH,
    /** All n heads of a token together, by a weight (n · hs): OLMo 2. */
    ALL;

    /** What the kernel calls it: the constant in lower case. */
    public String kernel() {
        return name().toLowerCase(Locale.ROOT);
    }
}
