package inkling.model.grad;

/**
 * What a model prefers, summed over pairs of answers. The gain of an answer is its log-probability by the model minus its log-probability
 * by the reference. The implicit reward of an answer is β times its gain. {@link PreferenceConfig} defines β and the reference.
 *
 * @param pairs the number of pairs
 * @param loss the sum of all pairs' losses, nats
 * @param preferred the number of pairs whose chosen answer has the higher reward
 * @param margin the sum of the chosen answers' rewards minus the sum of the rejected answers' rewards
 * @param chosenGain the sum of the chosen answers' gains, nats
 * @param chosenTokens the number of tokens in the chosen answers
 */
public record Rewards(long pairs, double loss, long preferred, double margin, double chosenGain, long chosenTokens) {
    /** No pairs: the value in training without preferences. */
    public static final Rewards NONE = new Rewards(0, 0, 0, 0, 0, 0);

    public Rewards plus(Rewards other) {
        return new Rewards(pairs + other.pairs, loss + other.loss, preferred + other.preferred, margin + other.margin,
            chosenGain + other.chosenGain, chosenTokens + other.chosenTokens);
    }

    /** The share of pairs whose chosen answer has the higher reward. */
    public double accuracy() {
        return (double) preferred / pairs;
    }

    /** The mean over all pairs of the chosen answer's reward minus the rejected answer's. */
    public double meanMargin() {
        return margin / pairs;
    }

    /** The gain per token of the chosen answers, nats; negative if the model finds them less likely than the reference does. */
    public double chosenGainPerToken() {
        return chosenGain / chosenTokens;
    }
}
