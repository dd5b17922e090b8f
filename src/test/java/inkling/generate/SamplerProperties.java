package inkling.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;

/** The sampler against a slow one that sorts everything and follows the definitions literally. */
class SamplerProperties {
    @Provide
    Arbitrary<float[]> logits() {
        Arbitrary<Float> spread = Arbitraries.floats().between(-20, 20);
        Arbitrary<Float> tied = Arbitraries.integers().between(-3, 3).map(i -> (float) i);
        Arbitrary<Float> masked = Arbitraries.frequencyOf(Tuple.of(5, spread),
            Tuple.of(1, Arbitraries.just(Float.NEGATIVE_INFINITY)));
        return Arbitraries.oneOf(spread, tied, masked).array(float[].class).ofMinSize(1).ofMaxSize(300)
            .filter(z -> largest(z) > Float.NEGATIVE_INFINITY);
    }

    @Provide
    Arbitrary<SamplingOptions> options() {
        Arbitrary<SamplingOptions> options = Arbitraries.just(SamplingOptions.DEFAULT);
        for (SamplingField field : SamplingField.values()) {
            options = Combinators.combine(options, values(field)).as(
                (others, value) -> field.with(others, field.isWhole() ? Math.rint(value) : value));
        }
        return options;
    }

    private static Arbitrary<Double> values(SamplingField field) {
        return switch (field) {
            case TEMPERATURE -> Arbitraries.doubles().between(0.05, 5);
            case TOP_K -> Arbitraries.doubles().between(0, 320);
            case TOP_P -> Arbitraries.doubles().between(0.01, 1);
            case MIN_P -> Arbitraries.doubles().between(0, 1);
            case REPETITION_PENALTY -> Arbitraries.doubles().between(0.5, 2);
        };
    }

    private static float largest(float[] z) {
        float largest = Float.NEGATIVE_INFINITY;
        for (float v : z) {
            largest = Math.max(largest, v);
        }
        return largest;
    }

    @Property(tries = 500)
    void equalsTheSlowSampler(@ForAll("logits") float[] z, @ForAll("options") SamplingOptions options, @ForAll long seenBits) {
        BitSet seen = BitSet.valueOf(new long[] {seenBits, 31 * seenBits, 17 * seenBits});
        Distribution actual = Sampler.of(options).candidates(z, seen).distribution();
        double[] expected = slow(z, seen, options);
        for (int id = 0; id < z.length; id++) {
            assertEquals(expected[id], actual.probability(id), 1e-12, "token " + id);
        }
    }

    @Property(tries = 300)
    void truncationNeverRevivesATokenAndKeepsTheOrder(@ForAll("logits") float[] z, @ForAll @IntRange(min = 1, max = 50) int k,
                                                         @ForAll @DoubleRange(min = 0.01, max = 1) double p) {
        Candidates c = Sampler.of(SamplingOptions.DEFAULT.withTemperature(1).withTopK(k).withTopP(p).withMinP(0.01))
            .candidates(z, new BitSet());
        double sum = 0;
        double removedMass = 1;
        for (int id = 0; id < z.length; id++) {
            sum += c.distribution().probability(id);
            assertTrue(c.untruncated().kept(id) || !c.distribution().kept(id), "revived " + id);
            for (int other = 0; other < z.length; other++) {
                boolean bothKept = c.distribution().kept(id) && c.distribution().kept(other);
                assertTrue(!bothKept || z[id] <= z[other] || c.distribution().probability(id) >= c.distribution().probability(other));
            }
        }
        for (Candidates.Removal removal : c.removals()) {
            removedMass *= 1 - removal.probability();
        }
        int best = c.untruncated().likeliest(1)[0];
        assertEquals(1, sum, 1e-12);
        assertTrue(c.distribution().kept(best));
        assertEquals(removedMass * c.distribution().probability(best), c.untruncated().probability(best), 1e-9);
    }

    @Property(tries = 300)
    void zeroIsArgmaxAndTiesGoToTheLowerId(@ForAll("logits") float[] z) {
        Candidates c = Sampler.of(SamplingOptions.DEFAULT.withTemperature(0).withTopK(3).withTopP(0.5)).candidates(z, new BitSet());
        int expected = 0;
        for (int id = 1; id < z.length; id++) {
            expected = z[id] > z[expected] ? id : expected;
        }
        assertEquals(expected, c.distribution().draw(0.999));
        assertEquals(1, c.distribution().probability(expected));
        assertEquals(1, c.distribution().keptCount());
        assertEquals(0, c.distribution().entropyBits());
    }

    @Property(tries = 300)
    void theLargestAreFoundInOrder(@ForAll("logits") float[] z, @ForAll @IntRange(max = 320) int n) {
        double[] values = doubles(z);
        List<Integer> order = sorted(values);
        int[] largest = Largest.of(values, n);
        assertEquals(Math.min(n, z.length), largest.length);
        for (int i = 0; i < largest.length; i++) {
            assertEquals(order.get(i), largest[i]);
            assertEquals(i + 1, Largest.rank(values, largest[i]));
        }
    }

    private static double[] slow(float[] z, BitSet seen, SamplingOptions o) {
        double[] v = doubles(z);
        for (int id = 0; id < v.length; id++) {
            if (seen.get(id)) {
                v[id] = v[id] > 0 ? v[id] / o.repetitionPenalty() : v[id] * o.repetitionPenalty();
            }
        }
        List<Integer> order = sorted(v);
        double[] p = new double[v.length];
        double threshold = o.topK() == 0 || o.topK() >= v.length ? Double.NEGATIVE_INFINITY : v[order.get(o.topK() - 1)];
        for (int id = 0; id < v.length; id++) {
            p[id] = v[id] >= threshold ? Math.exp((v[id] - v[order.get(0)]) / o.temperature()) : 0;
        }
        normalise(p);
        double before = 0;
        for (int id : order) {
            double own = p[id];
            if (before >= o.topP()) {
                p[id] = 0;
            }
            before += own;
        }
        double most = p[order.get(0)];
        for (int id = 0; id < v.length; id++) {
            p[id] = p[id] >= o.minP() * most ? p[id] : 0;
        }
        normalise(p);
        return p;
    }

    private static void normalise(double[] p) {
        double sum = 0;
        for (double v : p) {
            sum += v;
        }
        for (int i = 0; i < p.length; i++) {
            p[i] /= sum;
        }
    }

    private static double[] doubles(float[] z) {
        double[] v = new double[z.length];
        for (int i = 0; i < v.length; i++) {
            v[i] = z[i];
        }
        return v;
    }

    private static List<Integer> sorted(double[] v) {
        List<Integer> ids = new ArrayList<>();
        for (int i = 0; i < v.length; i++) {
            ids.add(i);
        }
        ids.sort(Comparator.comparingDouble((Integer i) -> -v[i]).thenComparing(i -> i));
        return ids;
    }
}
