package inkling.serve.batch;

import inkling.generate.Largest;
import java.util.Arrays;
import java.util.List;

/**
 * A drawn token's log-probability and the likeliest tokens in its place, as the model alone gives them: at temperature 1, before any
 * penalty or truncation.
 *
 * @param top in order, the likeliest first
 */
public record TokenChances(Chance token, List<Chance> top) {
    /** @param logprob natural logarithm of the probability, finite or −∞ */
    public record Chance(int id, double logprob) {}

    public TokenChances {
        top = List.copyOf(top);
    }

    /** @param logits (V), the model's own */
    static TokenChances of(double[] logits, int id, int n) {
        double largest = Arrays.stream(logits).max().orElseThrow();
        double sum = 0;
        for (double logit : logits) {
            sum += Math.exp(logit - largest);
        }
        double norm = largest + Math.log(sum);
        return new TokenChances(new Chance(id, logits[id] - norm),
            Arrays.stream(Largest.of(logits, n)).mapToObj(other -> new Chance(other, logits[other] - norm)).toList());
    }
}
