package inkling.model.grad;

import ai.djl.ndarray.NDArray;
import inkling.engine.Kernels;
import java.util.List;
import java.util.Optional;

/**
 * The number that training minimises, and its gradients. An implementation computes both from the vectors after the final norm.
 * {@link LossGradients} then carries the gradients back through the blocks. {@link CrossEntropy}, the loss of every next token, is the
 * default.
 *
 * <p>A loss computes the logits itself: {@code hidden} times the transposed unembedding, (B, T, C) × (C, V) → (B, T, V), capped in some
 * models. The logits of a whole micro-batch are often the largest array of a training step. So a loss may compute the logits of only a few
 * tokens at a time.
 */
public interface Loss {
    /**
     * The loss of one micro-batch and its gradients. Autograd's recording is off during the call.
     *
     * <p>The results must be new arrays in the manager of {@code hidden}: the caller may change them in place, and closes them. The caller
     * also closes that manager, after the backward pass of the model's last block, which runs first. An implementation should free other
     * large arrays earlier, and must not change the arguments. All tokens of a row come in one call. Several threads may call at the same
     * time, with different rows.
     *
     * @param hidden float32 (B, T, C), after the final norm: what the unembedding reads
     * @param targets the tokens that the model should have predicted
     */
    Result backward(NDArray hidden, Unembedding unembedding, Targets targets);

    /**
     * The matrix that turns vectors into logits.
     *
     * @param weight (V, C), in bfloat16 if the model computes products in bfloat16, else in float32. The methods of {@link Kernels} for
     *     the unembedding and for losses take both types, and return float32
     * @param trained whether the matrix's gradient is needed
     * @param cap c in c·tanh(hidden · weightᵀ / c), the logits; infinite for no cap
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
     * @param weight the factor of the loss of each target, or of each pair in a loss of pairs. 1 / (number of targets or pairs in all
     *     micro-batches of the update) gives the mean
     * @param perRow further inputs of the loss, e.g. the log-probability (B) that another model gives each row. Each array is (B, …), with
     *     entry i for row i. The loss defines the order of the list; {@link CrossEntropy} needs none
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
     * @param dHidden the gradient of the loss with respect to {@code hidden}, (B, T, C)
     * @param dUnembedding the gradient of the loss with respect to the unembedding, (V, C), contiguous, in row-major order; present if the
     *     unembedding is trained
     * @param rewards what the model prefers; {@link Rewards#NONE} from a loss that does not compare rows
     */
    record Result(NDArray loss, NDArray dHidden, Optional<NDArray> dUnembedding, Rewards rewards) {
        public Result(NDArray loss, NDArray dHidden, Optional<NDArray> dUnembedding) {
            this(loss, dHidden, dUnembedding, Rewards.NONE);
        }
    }
}
