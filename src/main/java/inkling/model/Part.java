package inkling.model;

import java.util.Arrays;
import java.util.List;

/** The norms and linears of a block, in the order in which a model stores them. Names are GPT-2's, or similar if GPT-2 lacks the part. */
public enum Part {
    ATTENTION_NORM("ln_1"),
    QKV("attn.c_attn"),
    QUERY_NORM("attn.q_norm"),
    KEY_NORM("attn.k_norm"),
    ATTENTION_OUT("attn.c_proj"),
    ATTENTION_POST_NORM("ln_1_post"),
    MLP_NORM("ln_2"),
    MLP_GATE("mlp.c_gate"),
    MLP_UP("mlp.c_fc"),
    MLP_OUT("mlp.c_proj"),
    MLP_POST_NORM("ln_2_post");

    private final String path;

    Part(String path) {
        this.path = path;
    }

    /** The part's name within its block, e.g. {@code attn.c_attn}. */
    public String path() {
        return path;
    }

    public boolean isNorm() {
        return switch (this) {
            case ATTENTION_NORM, QUERY_NORM, KEY_NORM, ATTENTION_POST_NORM, MLP_NORM, MLP_POST_NORM -> true;
            case QKV, ATTENTION_OUT, MLP_GATE, MLP_UP, MLP_OUT -> false;
        };
    }

    /** Whether this is a linear whose output is added to the residual stream. */
    public boolean toResidual() {
        return this == ATTENTION_OUT || this == MLP_OUT;
    }

    /** The linears. Each may have an adapter. */
    public static List<Part> linears() {
        return Arrays.stream(values()).filter(part -> !part.isNorm()).toList();
    }
}
