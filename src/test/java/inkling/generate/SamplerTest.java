package inkling.generate;

import static inkling.Says.says;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.errors.ConfigException;
import inkling.errors.ModelFormatException;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class SamplerTest {
    private static final TokenText NO_TEXT = new TokenText(Optional.empty());

    private static float[] ofProbabilities(double... p) {
        float[] logits = new float[p.length];
        for (int i = 0; i < p.length; i++) {
            logits[i] = (float) Math.log(p[i]);
        }
        return logits;
    }

    @Test void topPLooksAtWhatTopKLeft() {
        // Top-k 2 leaves .4 and .3, renormalised .571 and .429: top-p .57 needs one of them; without top-k it would need two.
        float[] logits = ofProbabilities(0.4, 0.3, 0.2, 0.1);
        SamplingOptions both = SamplingOptions.DEFAULT.withTemperature(1).withTopK(2).withTopP(0.57);
        Candidates c = Sampler.of(both).candidates(logits, new BitSet());
        assertEquals(1, c.distribution().keptCount());
        assertEquals(2, Sampler.of(both.withTopK(0)).candidates(logits, new BitSet()).distribution().keptCount());
        assertEquals("top-k 2", c.removals().get(0).by());
        assertEquals(2, c.removals().get(0).tokens());
        assertEquals(0.3, c.removals().get(0).probability(), 1e-6);
        assertEquals(new Candidates.Removal("top-p 0.57", 1, c.removals().get(1).probability()), c.removals().get(1));
        assertEquals(3.0 / 7, c.removals().get(1).probability(), 1e-6);
    }

    @Test void thePenaltyComesBeforeTheTemperature() {
        BitSet seen = BitSet.valueOf(new long[] {1});
        Candidates c = Sampler.of(SamplingOptions.DEFAULT.withTemperature(2).withRepetitionPenalty(2)).candidates(new float[] {4, 1}, seen);
        assertEquals(1 / (1 + Math.exp((1 - 2) / 2.0)), c.distribution().probability(0), 1e-15);
        assertEquals(4, c.logits()[0], "the model's own logit stays");
    }

    @Test void aStepTellsTheModelsOrderAndWhatWasDrawnFrom() {
        float[] logits = {1, 3, 2, 3, -1};
        Candidates c = Sampler.of(SamplingOptions.DEFAULT.withTemperature(1).withTopK(2)).candidates(logits, new BitSet());
        DrawnToken step = DrawnToken.of(c, 3, 3, NO_TEXT);
        assertEquals(2, step.rank(), "the other token with logit 3 has the lower id");
        assertEquals(0.5, step.probability(), 1e-15);
        assertEquals(1, step.entropyBits(), 1e-12);
        assertEquals(3f, step.logit());
        assertEquals(List.of(1, 3, 2), step.top().stream().map(DrawnToken.Entry::id).toList());
        DrawnToken.Entry removed = step.top().get(2);
        assertEquals(0, removed.probability());
        assertTrue(!removed.kept() && removed.untruncated() > 0.1, removed.toString());
        assertEquals(5, DrawnToken.of(c, 3, 99, NO_TEXT).top().size());
    }

    @Test void atTemperatureZeroTheAlternativesStayVisible() {
        Sampler greedy = Sampler.of(SamplingOptions.DEFAULT.withTemperature(0));
        DrawnToken step = DrawnToken.of(greedy.candidates(ofProbabilities(0.25, 0.75), new BitSet()), 1, 2, NO_TEXT);
        assertEquals(1, step.probability());
        assertEquals(0, step.entropyBits());
        assertEquals(0, step.top().get(1).probability());
        assertEquals(0.25, step.top().get(1).untruncated(), 1e-7);
    }

    @Test void logitsThatAreNoNumbersAreTheModelsFault() {
        Sampler sampler = Sampler.of(SamplingOptions.DEFAULT);
        Exception nan = assertThrows(ModelFormatException.class, () -> sampler.candidates(new float[] {0, Float.NaN}, new BitSet()));
        says(nan.getMessage(), "token 1 is NaN", "use another checkpoint");
        assertThrows(ModelFormatException.class, () -> sampler.candidates(new float[] {Float.POSITIVE_INFINITY, 0}, new BitSet()));
        assertThrows(ModelFormatException.class, () -> sampler.candidates(new float[] {Float.NEGATIVE_INFINITY}, new BitSet()));
    }

    @Test void aBiasIsAddedToTheModelsLogitsAndEachDrawnTokenCostsItsPenalty() {
        SamplingOptions options = SamplingOptions.DEFAULT.withTemperature(1).withLogitBias(new LogitBias(Map.of(0, 3.0, 99, 1.0)))
            .withOutputPenalty(new OutputPenalty(0.5, 0.25));
        Candidates c = Sampler.of(options).candidates(new float[] {1, 2, 3}, new BitSet(), Map.of(1, 2, 2, 1));
        assertArrayEquals(new double[] {1, 2, 3}, c.logits());
        assertArrayEquals(new double[] {4, 2 - 1.25, 3 - 0.75}, c.penalised(), 1e-12);
        assertEquals(0, c.distribution().likeliest(1)[0]);
    }

    @Test void biasesAndPenaltiesHaveBounds() {
        assertThrows(ConfigException.class, () -> new LogitBias(Map.of(1, 100.5)));
        assertThrows(ConfigException.class, () -> new LogitBias(Map.of(1, Double.NaN)));
        assertThrows(ConfigException.class, () -> new LogitBias(Map.of(-1, 1.0)));
        assertThrows(ConfigException.class, () -> new OutputPenalty(2.1, 0));
        assertThrows(ConfigException.class, () -> new OutputPenalty(0, Double.NaN));
        new LogitBias(Map.of(1, -100.0, 2, 100.0));
        new OutputPenalty(-2, 2);
    }

    @Test void everyOptionOutOfBoundsIsToldAtOnce() {
        ConfigException e = assertThrows(ConfigException.class, () -> new SamplingOptions(0, Double.NaN, -1, 0, 1.5, 0,
            List.of("", "x".repeat(1001)), 1, 0, false, -1, LogitBias.NONE, OutputPenalty.NONE));
        assertEquals(List.of("max_tokens", "temperature", "top_k", "top_p", "min_p", "repetition_penalty", "stop", "samples",
            "show_distribution"), e.problems().stream().map(ConfigException.Problem::field).toList());
        assertTrue(e.getMessage().contains("temperature = NaN must be from 0"), e.getMessage());
        assertTrue(e.getMessage().contains("top_p = 0.0 must be above 0 and at most 1"), e.getMessage());
        assertEquals(2, e.exitCode().code());
    }

    @Test void theBoundsThemselvesAreAllowedAndWhatLiesBeyondIsNot() {
        new SamplingOptions(1, 0, 0, Double.MIN_VALUE, 0, 0.01, List.of("x"), Long.MIN_VALUE, 1, true, 0, LogitBias.NONE,
            OutputPenalty.NONE);
        new SamplingOptions(1_000_000, 100, 10_000_000, 1, 1, 100, Collections.nCopies(64, "x".repeat(1000)), 0,
            10_000, true, 10_000_000, LogitBias.NONE, OutputPenalty.NONE);
        SamplingOptions o = SamplingOptions.DEFAULT;
        List<Executable> beyond = List.of(
            () -> o.withMaxTokens(1_000_001), () -> o.withMaxTokens(-1), () -> o.withTemperature(-0.1), () -> o.withTemperature(100.5),
            () -> o.withTemperature(Double.POSITIVE_INFINITY), () -> o.withTopK(10_000_001), () -> o.withTopP(1.01),
            () -> o.withTopP(Double.NaN),
            () -> o.withMinP(-0.01), () -> o.withRepetitionPenalty(-1), () -> o.withRepetitionPenalty(1e9), () -> o.withSamples(10_001),
            () -> o.withStop(Collections.nCopies(65, "x").toArray(String[]::new)));
        beyond.forEach(bad -> assertThrows(ConfigException.class, bad));
    }

    @Test void aSeedMeansTheseNumbersForEver() {
        // Computed by a second implementation of SplitMix64, in Python.
        SampleDraws draws = new SampleDraws(1337, 0);
        assertEquals(0.11209284942579156, draws.next());
        assertEquals(0.35733559815700433, draws.next());
        assertEquals(0.29339660972893444, new SampleDraws(1337, 1).next());
        assertEquals(0.46656635399583335, new SampleDraws(-1, 9_999).next());
    }

    @Test void samplesShareNoNumbers() {
        Set<Double> seen = new HashSet<>();
        for (int sample = 0; sample < 50; sample++) {
            SampleDraws draws = new SampleDraws(0, sample);
            for (int t = 0; t < 50; t++) {
                assertTrue(seen.add(draws.next()), "number %d of sample %d was another sample's".formatted(t, sample));
            }
        }
    }

    @Test void drawsFollowTheProbabilities() {
        Distribution d = Distribution.of(0.1, 0.2, 0.3, 0.4);
        int[] counts = new int[4];
        int n = 40_000;
        for (int i = 0; i < n; i++) {
            counts[d.draw(new SampleDraws(7, i).next())]++; // one number of each sample: the samples must be independent too
        }
        double chiSquare = 0;
        for (int id = 0; id < 4; id++) {
            double expected = n * d.probability(id);
            chiSquare += (counts[id] - expected) * (counts[id] - expected) / expected;
        }
        assertTrue(chiSquare < 16.27, "chi-square " + chiSquare + " of 3 degrees of freedom: p < 0.001");
    }
}
