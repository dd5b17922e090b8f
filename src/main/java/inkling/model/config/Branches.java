package inkling.model.config;

import java.util.Locale;

/** Whether the MLP of a block runs after attention or beside it. */
public enum Branches {
    /** The MLP reads the residual stream after attention, as in GPT-2: x += attention(norm(x)); x += mlp(norm(x)). */
    SERIAL,
    /** The MLP reads the same stream as attention: x += attention(norm1(x)) + mlp(norm2(x)), as in GPT-NeoX. */
    PARALLEL,
    /** As {@link #PARALLEL}, with one norm for both: x += attention(norm(x)) + mlp(norm(x)), as in StableLM 2 12B. */
    PARALLEL_ONE_NORM;

    /** The constant's name in lower case, which kernels take. */
    public String kernel() {
        return name().toLowerCase(Locale.ROOT);
    }
}
