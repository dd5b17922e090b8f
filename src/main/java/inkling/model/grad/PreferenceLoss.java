package inkling.model.grad;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import inkling.engine.Kernels;
import inkling.model.TargetScores;
import java.util.Optional;

/**
 * The loss of direct preference optimization. Rows come in pairs of answers to one prompt. The first row of a pair is the chosen answer,
 * the second row is the rejected answer. The loss of a pair is {@link PreferenceConfig#loss}. The log-probability of a row is the sum of
 * the log-probabilities of its targets. The first array of {@link Targets#perRow} is the reference's log-probability of each row,
 * float64 (B). {@link Targets#weight} is the factor of each pair.
 *
 * <p>The logits are computed twice, once for the log-probabilities and once for the gradients. Each time, memory holds the logits of only
 * {@code tokens} tokens at a time. The loss and its slopes are computed in double precision.
 *
 * @param tokens how many tokens' logits are in memory at a time
 */
public record PreferenceLoss(PreferenceConfig config, int tokens) implements Loss {
    /** Works on as many tokens at a time as {@link CrossEntropy#ofVocabulary} does. */
    public static PreferenceLoss of(PreferenceConfig config, int vocabSize) {
        return new PreferenceLoss(config, CrossEntropy.ofVocabulary(vocabSize).tokens());
    }

    @Override
    public Result backward(NDArray hidden, Unembedding unembedding, Targets targets) {
        NDArray w = unembedding.weight();
        double[] reference = targets.perRow().get(0).toDoubleArray();
        double[] rows;
        try (NDList scores = Kernels.targetScores(hidden, w, targets.ids(), tokens, unembedding.cap())) {
            rows = TargetScores.rowSums(scores.get(0).toFloatArray(), reference.length);
        }
        float[] slopes = new float[rows.length];
        for (int chosen = 0; chosen < rows.length; chosen += 2) {
            double slope = targets.weight() * config.slope(gain(rows, reference, chosen));
            slopes[chosen] = (float) slope;
            slopes[chosen + 1] = (float) -slope;
        }
        Rewards rewards = rewards(rows, reference, targets.ids().toLongArray());
        try (NDArray rowSlopes = hidden.getManager().create(slopes)) {
            NDList found = Kernels.targetGradients(hidden, w, targets.ids(), rowSlopes, tokens, unembedding.trained(), unembedding.cap());
            return new Result(hidden.getManager().create((float) (targets.weight() * rewards.loss())), found.get(0),
                unembedding.trained() ? Optional.of(found.get(1)) : Optional.empty(), rewards);
        }
    }

    /**
     * Compares the model with the reference; the result is summed over all pairs.
     *
     * @param rows the model's log-probability of each row (B), chosen and rejected in turn
     * @param reference the reference's log-probability of each row (B)
     * @param targets (B, T), row-major; −1 at positions without a target
     */
    public Rewards rewards(double[] rows, double[] reference, long[] targets) {
        int columns = targets.length / rows.length;
        Rewards sum = Rewards.NONE;
        for (int chosen = 0; chosen < rows.length; chosen += 2) {
            double gain = gain(rows, reference, chosen);
            long answerTokens = 0;
            for (int t = chosen * columns; t < (chosen + 1) * columns; t++) {
                answerTokens += targets[t] < 0 ? 0 : 1;
            }
            sum = sum.plus(new Rewards(1, config.loss(gain), gain > 0 ? 1 : 0, config.beta() * gain, rows[chosen] - reference[chosen],
                answerTokens));
        }
        return sum;
    }

    /** h of {@link PreferenceConfig}, nats: above 0 if the model prefers the chosen answer more strongly than the reference does. */
    private static double gain(double[] rows, double[] reference, int chosen) {
        return rows[chosen] - reference[chosen] - (rows[chosen + 1] - reference[chosen + 1]);
    }
}
