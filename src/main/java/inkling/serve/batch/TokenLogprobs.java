package inkling.serve.batch;

import inkling.generate.Largest;
import java.util.Arrays;
import java.util.List;

/**
 * The log-probabilities of a drawn token and of the likeliest tokens at its position. They are the model's own: at temperature 1, before
 * any bias, penalty or truncation.
 *
 * @param top the likeliest token first
 */
public record TokenLogprobs(Logprob token, List<Logprob> top) {
    /** @param logprob natural logarithm of the probability, finite or −∞ */
    public record Logprob(int id, double logprob) {}

    public TokenLogprobs {
        top = List.copyOf(top);
    }

    /**
     * Computes the log-probabilities of the token {@code id} and of the {@code n} likeliest tokens.
     *
     * @param logits (V), the model's own
     */
    static TokenLogprobs of(double[] logits, int id, int n) {
        double largest = Arrays.stream(logits).max().orElseThrow();
        double sum = 0;
        for (double logit : logits) {
            sum += Math.exp(logit - largest);
        }
        double norm = largest + Math.log(sum);
        return new TokenLogprobs(new Logprob(id, logits[id] - norm),
            Arrays.stream(Largest.of(logits, n)).mapToObj(other -> new Logprob(other, logits[other] - norm)).toList());
    }
}
