package inkling.generate;

import inkling.errors.ModelFormatException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;

/**
 * Turns logits into the distribution that a token is drawn from, in double precision. It applies first the bias and the penalties, then the
 * temperature, then the truncations, one after the other. Each truncation renormalises. Temperature 0 takes the largest logit (argmax) and
 * leaves out the truncations; ties go to the lower id.
 *
 * <p>{@code Sampler.of(SamplingOptions.DEFAULT.withTopK(40)).candidates(logits, seen).distribution().draw(u)}
 *
 * @param temperature T, at least 0
 */
public record Sampler(LogitBias bias, RepetitionPenalty repetition, OutputPenalty output, double temperature,
                      List<Truncation> truncations) {
    public Sampler {
        truncations = List.copyOf(truncations);
    }

    /** Makes the sampler of {@code options}: top-k, then top-p, then min-p, each only if the options ask for it. */
    public static Sampler of(SamplingOptions options) {
        List<Truncation> truncations = new ArrayList<>();
        if (options.topK() > 0) {
            truncations.add(new Truncation.TopK(options.topK()));
        }
        if (options.topP() < 1) {
            truncations.add(new Truncation.TopP(options.topP()));
        }
        if (options.minP() > 0) {
            truncations.add(new Truncation.MinP(options.minP()));
        }
        return new Sampler(options.logitBias(), new RepetitionPenalty(options.repetitionPenalty()), options.outputPenalty(),
            options.temperature(), truncations);
    }

    /** As {@link #candidates(float[], BitSet, Map)} before the first token is drawn. */
    public Candidates candidates(float[] logits, BitSet seen) {
        return candidates(logits, seen, Map.of());
    }

    /**
     * @param logits (V), as the model gives them
     * @param seen the distinct ids of prompt and output
     * @param drawn how often each id of the output was drawn
     * @throws ModelFormatException where a logit is NaN or +∞, or all are −∞
     */
    public Candidates candidates(float[] logits, BitSet seen, Map<Integer, Integer> drawn) {
        double[] modelLogits = checked(logits);
        double[] penalised = output.apply(repetition.apply(bias.apply(modelLogits), seen), drawn);
        List<Candidates.Removal> removals = new ArrayList<>();
        if (temperature == 0) {
            Distribution alternatives = Distribution.softmax(penalised, 1);
            Distribution greedy = Distribution.certain(Largest.of(penalised, 1)[0], penalised.length);
            return new Candidates(modelLogits, penalised, alternatives, greedy, List.of(removal("temperature 0", alternatives, greedy)));
        }
        Distribution untruncated = Distribution.softmax(penalised, temperature);
        Distribution distribution = untruncated;
        for (Truncation truncation : truncations) {
            Distribution before = distribution;
            distribution = truncation.apply(before);
            removals.add(removal(truncation.label(), before, distribution));
        }
        return new Candidates(modelLogits, penalised, untruncated, distribution, removals);
    }

    private static Candidates.Removal removal(String by, Distribution before, Distribution after) {
        if (before == after) {
            return new Candidates.Removal(by, 0, 0);
        }
        int tokens = 0;
        double probability = 0;
        for (int id = 0; id < before.size(); id++) {
            if (before.kept(id) && !after.kept(id)) {
                tokens++;
                probability += before.probability(id);
            }
        }
        return new Candidates.Removal(by, tokens, probability);
    }

    private static double[] checked(float[] logits) {
        double[] doubles = new double[logits.length];
        boolean possible = false;
        for (int id = 0; id < doubles.length; id++) {
            doubles[id] = logits[id];
            if (Float.isNaN(logits[id]) || logits[id] == Float.POSITIVE_INFINITY) {
                throw new ModelFormatException(("The model's logit of token %d is %s: nothing can be drawn from that."
                    + " Its weights hold values that are not numbers; use another checkpoint.").formatted(id, logits[id]));
            }
            possible |= logits[id] != Float.NEGATIVE_INFINITY;
        }
        if (!possible) {
            throw new ModelFormatException(
                "All %d logits of the model are −∞: no token is possible. Use another checkpoint.".formatted(doubles.length));
        }
        return doubles;
    }
}
