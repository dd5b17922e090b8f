package inkling.model.grad;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import inkling.engine.Kernels;
import inkling.model.Gpt;
import java.util.Optional;

/**
 * −log p(target), weighted and added up over all targets that count: with weight 1 / their number, {@link Gpt#loss}. Computed some tokens
 * at a time, so that the logits (B, T, V) are never all there.
 *
 * @param tokens whose logits are held at a time
 */
public record CrossEntropy(int tokens) implements Loss {
    /** Logits held at a time. */
    private static final long LOGIT_BYTES = 64L << 20;

    /** As many tokens at a time as 64 MiB hold logits of. */
    public static CrossEntropy ofVocabulary(int vocabSize) {
        return new CrossEntropy((int) Math.max(1, LOGIT_BYTES / Float.BYTES / vocabSize));
    }

    @Override
    public Result backward(NDArray hidden, Unembedding unembedding, Targets targets) {
        NDList found = Kernels.unembeddingLoss(hidden, unembedding.weight(), targets.ids(), targets.weight(), tokens,
            unembedding.trained(), unembedding.cap());
        return new Result(found.get(0), found.get(1), unembedding.trained() ? Optional.of(found.get(2)) : Optional.empty());
    }
}
