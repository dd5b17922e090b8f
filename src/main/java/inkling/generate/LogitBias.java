package inkling.generate;

import inkling.errors.ConfigException;
import java.util.Map;
import java.util.TreeMap;

/**
 * The {@code logit_bias} of OpenAI's API: adds a number to the logits of chosen tokens, before every other step of sampling. A bias of −100
 * makes a token almost impossible, 100 almost certain.
 *
 * @param byId what is added to the logit of each id, from −100 to 100; ids beyond the vocabulary change nothing
 */
public record LogitBias(Map<Integer, Double> byId) {
    public static final LogitBias NONE = new LogitBias(Map.of());

    private static final double LARGEST_BIAS = 100;

    public LogitBias {
        byId = Map.copyOf(byId);
        new TreeMap<>(byId).forEach((id, value) -> {
            if (id < 0 || !(Math.abs(value) <= LARGEST_BIAS)) {
                throw new ConfigException("logit_bias = %s of token %d: ids count from 0, and a bias must be from -100 to 100."
                    .formatted(value, id));
            }
        });
    }

    /** The biased logits (V): a new array; {@code logits} itself if there is no bias. */
    public double[] apply(double[] logits) {
        if (byId.isEmpty()) {
            return logits;
        }
        double[] biased = logits.clone();
        byId.forEach((id, value) -> {
            if (id < biased.length) {
                biased[id] += value;
            }
        });
        return biased;
    }
}
