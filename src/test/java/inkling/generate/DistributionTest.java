package inkling.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class DistributionTest {
    @Test void softmaxAtATemperature() {
        Distribution d = Distribution.softmax(new double[] {Math.log(1), Math.log(2), Math.log(5)}, 1);
        assertEquals(0.625, d.probability(2), 1e-15);
        Distribution sharper = Distribution.softmax(new double[] {Math.log(1), Math.log(2), Math.log(5)}, 0.5); // squares: 1, 4, 25
        assertEquals(25.0 / 30, sharper.probability(2), 1e-15);
    }

    @Test void entropyIsInBits() {
        assertEquals(3, Distribution.softmax(new double[8], 1).entropyBits(), 1e-12);
        assertEquals(0, Distribution.certain(3, 8).entropyBits());
        assertEquals(1.5, Distribution.of(0.5, 0.25, 0.25).entropyBits(), 1e-12);
    }

    @Test void ranksFromOneWithTiesByLowerId() {
        Distribution d = Distribution.of(0.2, 0.3, 0.2, 0.3);
        assertEquals(1, d.rank(1));
        assertEquals(2, d.rank(3));
        assertEquals(3, d.rank(0));
        assertEquals(4, d.rank(2));
    }

    @Test void drawsEachTokenWithItsShareAndNeverAnImpossibleOne() {
        Distribution d = Distribution.of(0, 0.25, 0, 0.75, 0);
        assertEquals(1, d.draw(0));
        assertEquals(1, d.draw(0.2499));
        assertEquals(3, d.draw(0.25));
        assertEquals(3, d.draw(1 - 0x1p-53));
    }

    @Test void hugeAndTinyLogitsNeitherOverflowNorVanish() {
        Distribution d = Distribution.softmax(new double[] {3e38, -3e38, 3e38}, 0.001);
        assertEquals(0.5, d.probability(0));
        Distribution steep = Distribution.softmax(new double[] {0, -10}, 0.01);
        assertEquals(0, steep.probability(1));
        assertTrue(steep.kept(1), "too small for a double, yet not removed");
    }

    @Test void refusesProbabilitiesThatAreNegativeOrDoNotSumToOne() {
        assertTrue(assertThrows(IllegalArgumentException.class, () -> Distribution.of(0.5, 0.4)).getMessage().contains("0.9"));
        assertThrows(IllegalArgumentException.class, () -> Distribution.of(1.5, -0.5));
        assertThrows(IllegalArgumentException.class, () -> Distribution.of(Double.NaN, 1));
        assertThrows(IllegalArgumentException.class, () -> Distribution.of());
    }

    @Test void tokensThatTieWithTheKthStay() {
        Distribution d = new Truncation.TopK(2).apply(Distribution.of(0.4, 0.2, 0.2, 0.2));
        assertEquals(4, d.keptCount());
        assertEquals(1, new Truncation.TopK(1).apply(d).keptCount());
    }

    @Test void topPKeepsTheTokenThatCrosses() {
        Distribution d = Distribution.of(0.5, 0.25, 0.125, 0.125);
        assertEquals(2, new Truncation.TopP(0.51).apply(d).keptCount());
        assertEquals(1, new Truncation.TopP(0.5).apply(d).keptCount());
        assertEquals(3, new Truncation.TopP(0.875).apply(d).keptCount(), "of two that tie, the lower id");
        assertTrue(new Truncation.TopP(0.875).apply(d).kept(2));
        assertSame(d, new Truncation.TopP(1).apply(d));
    }

    @Test void minPComparesWithTheLikeliest() {
        Distribution d = new Truncation.MinP(0.5).apply(Distribution.of(0.5, 0.25, 0.125, 0.125));
        assertEquals(2, d.keptCount());
        assertEquals(2.0 / 3, d.probability(0), 1e-15);
    }

    @Test void topPOfAHalfKeepsHalfOfAFlatDistribution() {
        double[] flat = new double[50_257];
        int kept = new Truncation.TopP(0.5).apply(Distribution.softmax(flat, 1)).keptCount();
        assertEquals(25_129, kept, 1);
    }

    @Test void thePenaltyPushesSeenTokensDown() {
        BitSet seen = BitSet.valueOf(new long[] {0b1011});
        double[] logits = {2, -2, 3, 0};
        double[] penalised = new RepetitionPenalty(2).apply(logits, seen);
        assertEquals(List.of(1.0, -4.0, 3.0, 0.0), Arrays.stream(penalised).boxed().toList());
        assertSame(logits, new RepetitionPenalty(1).apply(logits, seen));
        assertFalse(penalised == logits);
    }
}
