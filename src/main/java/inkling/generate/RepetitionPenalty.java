package inkling.generate;

import java.util.BitSet;

/**
 * Makes a token less likely once it has occurred (Keskar et al. 2019, arXiv:1909.05858, in the form of Hugging Face Transformers). For each
 * distinct id of prompt and output, a positive logit is divided by {@code factor}, and a negative logit is multiplied by it.
 *
 * @param factor above 0; 1 changes nothing, and a factor below 1 makes such a token more likely
 */
public record RepetitionPenalty(double factor) {
    /**
     * The penalised logits (V): a new array; {@code logits} itself if the factor is 1 or nothing was seen.
     *
     * @param seen the distinct ids of prompt and output
     */
    public double[] apply(double[] logits, BitSet seen) {
        if (factor == 1 || seen.isEmpty()) {
            return logits;
        }
        double[] penalised = logits.clone();
        for (int id = seen.nextSetBit(0); id >= 0 && id < penalised.length; id = seen.nextSetBit(id + 1)) {
            penalised[id] = penalised[id] < 0 ? penalised[id] * factor : penalised[id] / factor;
        }
        return penalised;
    }
}
