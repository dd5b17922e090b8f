package inkling.model.grad;

/**
 * What a model prefers, summed over pairs of answers. The implicit reward of an answer is β · (its log-probability − the reference's),
 * with β and the reference of {@link PreferenceConfig}.
 *
 * @param pairs how many
 * @param loss of all pairs together, nats
 * @param preferred the number of pairs whose chosen answer has the higher reward
 * @param margin the rewards of the chosen answers minus those of the rejected
 * @param chosenGain the model's log-probabilities of the chosen answers minus the reference's, nats
 * @param chosenTokens tokens of the chosen answers
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

    /** The mean difference of the rewards. */
    public double meanMargin() {
        return margin / pairs;
    }

    /** Mean over the chosen answers' tokens of ln p(model) − ln p(reference), nats; negative if the model finds them less likely. */
    public double chosenGainPerToken() {
        return chosenGain / chosenTokens;
    }
}
