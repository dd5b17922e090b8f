package inkling.generate;

import inkling.errors.Problems;
import java.util.Map;

/**
 * Makes a token less likely once the output has it. For each time that the token was drawn, {@code frequency} is subtracted from its logit;
 * {@code presence} is subtracted once. The prompt does not count. These are the two penalties of OpenAI's API.
 *
 * @param frequency from −2 to 2; 0 is none, below 0 makes the token more likely
 * @param presence from −2 to 2; 0 is none, below 0 makes the token more likely
 */
public record OutputPenalty(double frequency, double presence) {
    public static final OutputPenalty NONE = new OutputPenalty(0, 0);

    private static final double LARGEST_PENALTY = 2;

    public OutputPenalty {
        new Problems()
            .check(Math.abs(frequency) <= LARGEST_PENALTY, "frequency_penalty",
            "frequency_penalty = %s must be from -2 to 2 (0 is none).", frequency)
            .check(Math.abs(presence) <= LARGEST_PENALTY, "presence_penalty",
            "presence_penalty = %s must be from -2 to 2 (0 is none).", presence)
            .throwIfAny();
    }

    /**
     * The penalised logits (V): a new array; {@code logits} itself if both penalties are 0, or nothing was drawn.
     *
     * @param drawn how often each token of the output was drawn
     */
    public double[] apply(double[] logits, Map<Integer, Integer> drawn) {
        if (frequency == 0 && presence == 0 || drawn.isEmpty()) {
            return logits;
        }
        double[] penalised = logits.clone();
        drawn.forEach((id, times) -> penalised[id] -= frequency * times + presence);
        return penalised;
    }
}
