package inkling.generate;

import java.util.List;

/**
 * What one token is chosen from.
 *
 * @param logits the model's own (V)
 * @param penalised after the repetition penalty (V); the same array where there is none
 * @param untruncated softmax(penalised / T) before anything was removed; at T = 0, softmax(penalised)
 * @param distribution what the token is drawn from
 * @param removals what took tokens away, in the order of work
 */
public record Candidates(double[] logits, double[] penalised, Distribution untruncated, Distribution distribution, List<Removal> removals) {
    public Candidates {
        removals = List.copyOf(removals);
    }

    /**
     * @param by e.g. {@code top-k 40}
     * @param tokens how many it removed
     * @param probability their share of what was there before, in [0, 1)
     */
    public record Removal(String by, int tokens, double probability) {}
}
