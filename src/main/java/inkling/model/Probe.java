package inkling.model;

import ai.djl.ndarray.NDArray;

/**
 * Sees into a forward pass. Arrays belong to the pass: copy numbers out, keep none. With any probe but {@link #NONE} attention runs
 * in its explicit form, since the fused one never makes the pattern.
 */
public interface Probe {
    /** Sees nothing and costs nothing. */
    Probe NONE = new Probe() {};

    /** The token vectors (plus learned positions), (B, T, C), before the first block. */
    default void embedding(NDArray x) {}

    /** Each row sums to 1, nothing above the diagonal: (B, nh, T, T). */
    default void attention(int layer, NDArray pattern) {}

    /** What attention added to the residual stream, and the stream after it, to which the MLP then adds; both (B, T, C). */
    default void afterAttention(int layer, NDArray added, NDArray x) {}

    /** What the MLP added to the residual stream, and the stream after it; both (B, T, C). */
    default void afterMlp(int layer, NDArray added, NDArray x) {}

    /** (B, T, V). */
    default void logits(NDArray logits) {}
}
