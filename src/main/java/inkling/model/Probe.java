package inkling.model;

import ai.djl.ndarray.NDArray;

/**
 * Receives intermediate arrays of a forward pass. The arrays belong to the pass: a probe may copy numbers out of them, but must not keep
 * them. With any probe other than {@link #NONE}, attention is computed step by step, because the faster fused kernel never makes the
 * attention pattern.
 */
public interface Probe {
    /** No probe: receives nothing, and the pass stays fast. */
    Probe NONE = new Probe() {};

    /** The residual stream before the first block and before dropout, (B, T, C): scaled token vectors, plus learned positions if any. */
    default void embedding(NDArray x) {}

    /** What a block's attention reads, (B, T, C): the residual stream, normalised if the model has a norm before attention. */
    default void attentionInput(int layer, NDArray x) {}

    /** Queries, keys and values as attention reads them, each (B, nh, T, hs). Scores are q·k / √hs, before any cap. */
    default void heads(int layer, NDArray q, NDArray k, NDArray v) {}

    /** The neurons of the MLP, after the activation, (B, T, I). */
    default void neurons(int layer, NDArray activated) {}

    /** The attention weights, (B, nh, T, T). Each row sums to 1, and all weights above the diagonal are 0. */
    default void attention(int layer, NDArray pattern) {}

    /** {@code added}: what attention added to the residual stream. {@code x}: the stream after that. Both (B, T, C). */
    default void afterAttention(int layer, NDArray added, NDArray x) {}

    /** {@code added}: what the MLP added to the residual stream. {@code x}: the stream after that. Both (B, T, C). */
    default void afterMlp(int layer, NDArray added, NDArray x) {}

    /** The logits, (B, T, V). */
    default void logits(NDArray logits) {}
}
