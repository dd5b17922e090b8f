package inkling.generate;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One generated token, with figures of the model's logits and of the distribution that the token was drawn from.
 *
 * @param token the vocabulary's own string; empty if no tokenizer has the id
 * @param probability of the token in the distribution that it was drawn from
 * @param logit the model's own, before bias and penalties
 * @param rank from 1, by the model's own logit; ties by lower id
 * @param entropyBits entropy, in bits, of the distribution that the token was drawn from
 * @param removals as in {@link Candidates}: what each truncation or temperature 0 removed
 * @param top the likeliest tokens by the model's own logit, as many as were asked for, at most V
 */
public record DrawnToken(int id, Optional<String> token, double probability, float logit, int rank, double entropyBits,
                   List<Candidates.Removal> removals, List<Entry> top) {
    public DrawnToken {
        removals = List.copyOf(removals);
        top = List.copyOf(top);
    }

    /**
     * One of the likeliest tokens at the drawn token's place.
     *
     * @param probability with which it could be drawn: 0 where it was removed
     * @param kept false where truncation or temperature 0 removed it, or its logit is −∞
     * @param untruncated its probability before truncation (at temperature 0, its probability at temperature 1)
     */
    public record Entry(int id, Optional<String> token, double probability, float logit, boolean kept, double untruncated) {}

    /** Describes token {@code id}, drawn from {@code candidates}. @param n how many entries {@code top} gets, at most V */
    public static DrawnToken of(Candidates candidates, int id, int n, TokenText tokenText) {
        Distribution drawn = candidates.distribution();
        List<Entry> top = new ArrayList<>(Math.min(n, drawn.size()));
        for (int other : Largest.of(candidates.logits(), n)) {
            top.add(new Entry(other, tokenText.token(other), drawn.probability(other), (float) candidates.logits()[other],
                drawn.kept(other), candidates.untruncated().probability(other)));
        }
        return new DrawnToken(id, tokenText.token(id), drawn.probability(id), (float) candidates.logits()[id],
            Largest.rank(candidates.logits(), id), drawn.entropyBits(), candidates.removals(), top);
    }
}
