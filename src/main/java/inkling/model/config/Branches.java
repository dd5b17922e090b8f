package inkling.model.config;

import java.util.Locale;

/** What the MLP of a block reads, next to the attention of the same block. */
public enum Branches {
    /** The residual stream after attention, as GPT-2: x += attention(norm(x)); x += mlp(norm(x)). */
    SERIAL,
    /** The stream that attention reads too: x += attention(norm1(x)) + mlp(norm2(x)). GPT-NeoX. */
    PARALLEL,
    /** As {@link #PARALLEL}, and both read one norm of it: x += attention(norm(x)) + mlp(norm(x)). StableLM 2 12B. */
    PARALLEL_ONE_NORM;

    /** What the kernel calls it: the constant in lower case. */
    public String kernel() {
        return name().toLowerCase(Locale.ROOT);
    }
}
