package inkling.model.grad;

/**
 * What a model prefers, summed over pairs of answers. The implicit reward of an answer is β · (its log-probability − the reference's).
 *
 * @param pairs how many
 * @param loss of all pairs together, nats
 * @param preferred of how many pairs the chosen answer has the higher reward
 * @param margin the rewards of the chosen answers less those of the rejected
 * @param chosenGain the log-probabilities of the chosen answers less the reference's, nats
 * @param chosenTokens tokens of the chosen answers
 */
public record Rewards(long pairs, double loss, long preferred, double margin, double chosenGain, long chosenTokens) {
    /** Of no pairs: what any other training measures. */
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

    /** By how many nats a token the chosen answers are likelier than for the reference; negative if less likely. */
    public double chosenGainPerToken() {
        return chosenGain / chosenTokens;
    }
}
