package inkling.model.grad;

import ai.djl.ndarray.NDArray;
import inkling.engine.Kernels;
import java.util.List;
import java.util.Optional;

/**
 * The number that training minimises, and its gradients. It is computed from the vectors after the last block; {@link LossGradients}
 * carries its gradients back through the blocks. {@link CrossEntropy}, the loss of every next token, is the default.
 *
 * <p>A loss computes the logits itself: {@code hidden} times the transposed unembedding, (B, T, C) × (C, V) → (B, T, V), capped in some
 * models. The logits of a whole micro-batch are often the largest array of a training step, so a loss may compute the logits of a few
 * tokens at a time.
 */
public interface Loss {
    /**
     * The loss of one micro-batch and its gradients. Autograd's recording is off during the call.
     *
     * <p>The results must be new arrays in the manager of {@code hidden}: the caller adds to them in place and closes them. Other arrays in
     * that manager are freed with the last block's arrays; close large ones earlier. Do not change the arguments. All tokens of a row come
     * in one call. Several threads may call at the same time, each with rows of its own.
     *
     * @param hidden float32 (B, T, C), after the final norm: what the unembedding reads
     * @param targets the tokens that the model should have predicted
     */
    Result backward(NDArray hidden, Unembedding unembedding, Targets targets);

    /**
     * The matrix that turns vectors into logits.
     *
     * @param weight (V, C), in float32, or in bfloat16 if products are computed in it; {@link Kernels} take either, and give float32
     * @param trained whether its gradient is needed
     * @param cap c, where the logits are c·tanh(hidden · weightᵀ / c); infinite for none
     */
    record Unembedding(NDArray weight, boolean trained, double cap) {
        /** The model's logits: (B, T, C) → (B, T, V). */
        public NDArray logits(NDArray hidden) {
            return Kernels.capped(Kernels.unembed(hidden, weight), cap);
        }
    }

    /**
     * The tokens that the model should have predicted for a micro-batch.
     *
     * @param ids int64 (B, T): the token that follows each position; −1 at positions without a target
     * @param weight the factor of each target's loss; 1 / (number of targets in all micro-batches of the update) gives the mean
     * @param perRow further inputs of the loss, each (B, …) with entry i for row i; none for {@link CrossEntropy}. The loss defines which
     *     stands at which index of the list, e.g. the log-probability (B) that another model gives each row
     */
    record Targets(NDArray ids, double weight, List<NDArray> perRow) {
        public Targets {
            perRow = List.copyOf(perRow);
        }

        public Targets(NDArray ids, double weight) {
            this(ids, weight, List.of());
        }
    }

    /**
     * The loss of a micro-batch and its gradients.
     *
     * @param loss ()
     * @param dHidden the gradient of the loss by {@code hidden}, (B, T, C)
     * @param dUnembedding its gradient by the unembedding, (V, C), contiguous, in row-major order; present if the unembedding is trained
     * @param rewards what the model prefers; {@link Rewards#NONE} of a loss that does not compare rows
     */
    record Result(NDArray loss, NDArray dHidden, Optional<NDArray> dUnembedding, Rewards rewards) {
        public Result(NDArray loss, NDArray dHidden, Optional<NDArray> dUnembedding) {
            this(loss, dHidden, dUnembedding, Rewards.NONE);
        }
    }
}
