package inkling.model;

import ai.djl.ndarray.NDArray;

/**
 * Receives intermediate arrays of a forward pass. They belong to the pass: copy numbers out of them, keep no array. With any probe other
 * than {@link #NONE}, attention is computed step by step, because the faster fused kernel never makes the attention pattern.
 */
public interface Probe {
    /** Receives nothing and costs nothing. */
    Probe NONE = new Probe() {};

    /** The residual stream before the first block, (B, T, C): token vectors, plus learned positions if the model has them. */
    default void embedding(NDArray x) {}

    /** What a block's attention reads: the stream after the block's norm, or as it is if the architecture has no norm there, (B, T, C). */
    default void attentionInput(int layer, NDArray x) {}

    /** Queries, keys and values as they are compared and mixed, each (B, nh, T, hs): scores are q·k / √hs. */
    default void heads(int layer, NDArray q, NDArray k, NDArray v) {}

    /** The neurons of the MLP, after the activation, (B, T, I). */
    default void neurons(int layer, NDArray activated) {}

    /** The attention weights, (B, nh, T, T): each row sums to 1, and all above the diagonal are 0. */
    default void attention(int layer, NDArray pattern) {}

    /** {@code added}: what attention added to the residual stream. {@code x}: the stream after that. Both (B, T, C). */
    default void afterAttention(int layer, NDArray added, NDArray x) {}

    /** {@code added}: what the MLP added to the residual stream. {@code x}: the stream after that. Both (B, T, C). */
    default void afterMlp(int layer, NDArray added, NDArray x) {}

    /** The logits, (B, T, V). */
    default void logits(NDArray logits) {}
}
