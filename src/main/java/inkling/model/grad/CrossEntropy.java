package inkling.model.grad;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import inkling.engine.Kernels;
import inkling.model.Gpt;
import java.util.Optional;

/**
 * The loss of every next token: the sum of −ln p(target) over all targets except −1, times {@link Targets#weight}. With weight
 * 1 / (number of targets) it equals {@link Gpt#loss}. It works on some tokens at a time, so memory need not hold all logits (B, T, V).
 *
 * @param tokens how many tokens' logits are in memory at a time
 */
public record CrossEntropy(int tokens) implements Loss {
    /** The most bytes that logits may take at a time. */
    private static final long LOGIT_BYTES = 64L << 20;

    /** Works on as many tokens at a time as have logits of at most 64 MiB, but at least one. */
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
