package inkling.model;

import java.util.Arrays;
import java.util.List;

/** A norm or a linear of a block, in the order in which a model stores them, by GPT-2's names. */
public enum Part {
    ATTENTION_NORM("ln_1"),
    QKV("attn.c_attn"),
    ATTENTION_OUT("attn.c_proj"),
    MLP_NORM("ln_2"),
    MLP_GATE("mlp.c_gate"),
    MLP_UP("mlp.c_fc"),
    MLP_OUT("mlp.c_proj");

    private final String path;

    Part(String path) {
        this.path = path;
    }

    /** Its name within its block, e.g. {@code attn.c_attn}. */
    public String path() {
        return path;
    }

    public boolean isNorm() {
        return this == ATTENTION_NORM || this == MLP_NORM;
    }

    /** Whether its output is added to the residual stream. */
    public boolean toResidual() {
        return this == ATTENTION_OUT || this == MLP_OUT;
    }

    /** The linears, each of which may have an adapter. */
    public static List<Part> linears() {
        return Arrays.stream(values()).filter(part -> !part.isNorm()).toList();
    }
}
