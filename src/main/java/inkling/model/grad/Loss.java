package inkling.model.grad;

import ai.djl.ndarray.NDArray;
import inkling.engine.Kernels;
import java.util.List;
import java.util.Optional;

/**
 * What training makes smaller: a number () computed from the vectors that leave the last block, and its gradients. {@link LossGradients}
 * carries them back through the blocks. {@link CrossEntropy} is the loss of every next token.
 *
 * <p>The logits are {@code hidden} times the unembedding, transposed: (B, T, C) × (C, V) → (B, T, V), in some models
 * capped. A loss has to make them itself, because those of a whole micro-batch are often the largest array of a training step: it may make
 * a few rows at a time.
 */
public interface Loss {
    /**
     * The loss of one micro-batch and its gradients, called with recording for gradients off.
     *
     * <p>The results are new arrays in the manager of {@code hidden}: the caller adds to them in place and closes them. What else is made
     * there is freed with the last block's arrays; a loss closes large ones itself, and leaves its arguments as they are. Rows are whole:
     * all of a row's tokens come in one call. Several threads may call at once, each with rows of its own.
     *
     * @param hidden float32 (B, T, C), normalised: what the unembedding reads
     * @param targets what the model should have said
     */
    Result backward(NDArray hidden, Unembedding unembedding, Targets targets);

    /**
     * The matrix that turns vectors into logits.
     *
     * @param weight float32 (V, C)
     * @param trained whether its gradient is wanted
     * @param cap c, where the logits are c·tanh(hidden · weightᵀ / c); infinite for none
     */
    record Unembedding(NDArray weight, boolean trained, double cap) {
        /** The model's logits: (B, T, C) → (B, T, V). */
        public NDArray logits(NDArray hidden) {
            return Kernels.capped(Kernels.unembed(hidden, weight), cap);
        }
    }

    /**
     * What a micro-batch should have said.
     *
     * @param ids int64 (B, T): the token that follows each position; −1 where nothing is asked of the model
     * @param weight what each target counts in the loss: 1 / their number, over all micro-batches of an update, gives the mean
     * @param perRow what else a loss has to know, none for {@link CrossEntropy}. Each is (B, …), its i-th entry belonging to row i; the
     *     loss says what it wants in which place of the list, e.g. the log-probability (B) that another model gives each row
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
     * @param loss ()
     * @param dHidden its gradient by {@code hidden}, (B, T, C)
     * @param dUnembedding its gradient by the unembedding, (V, C) row by row in memory; there exactly if the unembedding is trained
     */
    record Result(NDArray loss, NDArray dHidden, Optional<NDArray> dUnembedding) {}
}
