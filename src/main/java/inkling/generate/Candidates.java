package inkling.generate;

import java.util.List;

/**
 * The numbers from which one token is chosen.
 *
 * @param logits as the model gives them, (V)
 * @param penalised the logits after bias and penalties, (V); may be the array {@code logits} itself
 * @param untruncated softmax(penalised / T) for temperature T, before truncation; at T = 0, softmax(penalised)
 * @param distribution the distribution that the token is drawn from
 * @param removals what each truncation removed, in the order of the truncations; at T = 0, what temperature 0 removed
 */
public record Candidates(double[] logits, double[] penalised, Distribution untruncated, Distribution distribution, List<Removal> removals) {
    public Candidates {
        removals = List.copyOf(removals);
    }

    /**
     * The tokens that one step of sampling removed.
     *
     * @param by the step, e.g. {@code top-k 40} or {@code temperature 0}
     * @param tokens how many tokens it removed
     * @param probability the removed tokens' share of the probability before the removal, in [0, 1)
     */
    public record Removal(String by, int tokens, double probability) {}
}
