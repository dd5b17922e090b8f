package inkling.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;

/**
 * How likely a model finds given tokens, without the logits (B, T, V) of all positions in memory.
 *
 * @param logProbabilities ln p of each target, (B, T) row-major; 0 where the target is −1
 * @param likeliest (B, T) row-major: 1 where no token is likelier than the target, else 0; 0 where the target is −1
 */
public record TargetScores(float[] logProbabilities, float[] likeliest) {
    /** The most bytes that logits may take at a time. */
    private static final long LOGIT_BYTES = 64L << 20;

    /**
     * Scores targets, with dropout off. Frees all its arrays. Call this method on a thread that records no gradients.
     *
     * @param ids int64 (B, T)
     * @param targets int64 (B, T): the token that follows each position, or −1 for none; no logits are computed where the target is −1
     */
    public static TargetScores of(Gpt gpt, NDArray ids, NDArray targets) {
        try (NDManager scope = ids.getManager().newSubManager()) {
            NDArray own = ids.duplicate();
            own.attach(scope);                                                                     // so all results below join scope
            NDArray hidden = gpt.finalNorm(gpt.residualStream(own));                          // (B, T, C)
            int tokens = (int) Math.max(1, LOGIT_BYTES / Float.BYTES / gpt.config().vocabSize());
            NDList found = gpt.parameters().matrixForProducts(gpt.layout().unembedding())
                .targetScores(hidden, targets, tokens, gpt.config().scales().logitCap());
            return new TargetScores(found.get(0).toFloatArray(), found.get(1).toFloatArray());
        }
    }

    /** The sum of each row's log-probabilities, (B), in double precision. */
    public static double[] rowSums(float[] logProbabilities, int rows) {
        double[] sums = new double[rows];
        int columns = logProbabilities.length / rows;
        for (int i = 0; i < logProbabilities.length; i++) {
            sums[i / columns] += logProbabilities[i];
        }
        return sums;
    }
}
