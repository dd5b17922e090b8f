package inkling.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.reference.ReferenceMuon.Lies;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReferenceOptimizersTest {
    @Test
    void adamWTakesTheStepsWorkedOutByHand() {
        ReferenceAdamW adamW = new ReferenceAdamW(0.9, 0.99, 0.1, 0.5);
        Map<String, double[]> p = new LinkedHashMap<>(Map.of("w", new double[] {2}, "b", new double[] {2}));
        // step 1: m/c1 = g = 3, sqrt(v/c2) = 3: w = 2·(1 - 0.1·0.5) - 0.1·3/3.1
        adamW.update(p, Map.of("w", new double[] {3}, "b", new double[] {3}), 0.1, Set.of("w"));
        assertEquals(1.9 - 0.3 / 3.1, p.get("w")[0], 1e-15);
        assertEquals(2.0 - 0.3 / 3.1, p.get("b")[0], 1e-15);
        // step 2, g = -1: m = 0.9·0.3 - 0.1 = 0.17, c1 = 0.19; v = 0.99·0.09 + 0.01 = 0.0991, c2 = 0.0199
        double before = p.get("b")[0];
        adamW.update(p, Map.of("w", new double[] {-1}, "b", new double[] {-1}), 0.1, Set.of("w"));
        assertEquals(before - 0.1 * (0.17 / 0.19) / (Math.sqrt(0.0991 / 0.0199) + 0.1), p.get("b")[0], 1e-14);
        assertArrayEquals(new double[] {0.17}, adamW.firstMoments().get("b"), 1e-15);
        assertArrayEquals(new double[] {0.0991}, adamW.secondMoments().get("b"), 1e-15);
    }

    @Test
    void clippingScalesAllGradientsByOneFactor() {
        Map<String, double[]> gradients = Map.of("a", new double[] {3, 0}, "b", new double[] {-4});
        assertEquals(5, ReferenceClip.toGlobalNorm(gradients, 1), 1e-15);
        assertArrayEquals(new double[] {3 / 5.000001, 0}, gradients.get("a"), 1e-15);
        assertArrayEquals(new double[] {-4 / 5.000001}, gradients.get("b"), 1e-15);
        assertEquals(1, ReferenceClip.toGlobalNorm(gradients, 7), 1e-6);
        assertArrayEquals(new double[] {3 / 5.000001, 0}, gradients.get("a"), 0, "small gradients stay as they are");
    }

    @ParameterizedTest
    @CsvSource({"4, 9", "9, 4", "6, 6"})
    void muonsSingularValuesAreNearOneOnAverage(int rows, int columns) {
        double[] gradient = new Random(rows).doubles(rows * columns, -1, 1).toArray();
        Matrix x = new Matrix(rows, columns, ReferenceMuon.orthogonalized(gradient, rows, columns));
        Tape algebra = new Tape();
        Matrix square = rows <= columns ? algebra.multiply(x, algebra.transpose(x)) : algebra.multiply(algebra.transpose(x), x);
        double trace = 0;
        for (int i = 0; i < square.rows; i++) {
            trace += square.value[i * square.columns + i];
        }
        // the mean squared singular value; the quintic leaves all but very small singular values between about 0.7 and 1.2
        assertTrue(trace / square.rows > 0.45 && trace / square.rows < 1.5, () -> Arrays.toString(square.value));
    }

    @Test
    void muonMovesASingularValueAsItsPolynomialSays() {
        double s = 3 / (3 + 1e-7);   // (1, 1): the singular value after normalising
        for (int i = 0; i < 5; i++) {
            s = 3.4445 * s - 4.7750 * Math.pow(s, 3) + 2.0315 * Math.pow(s, 5);
        }
        assertArrayEquals(new double[] {s}, ReferenceMuon.orthogonalized(new double[] {3}, 1, 1), 1e-12);
    }

    @Test
    void muonScalesWideOutputsByTheRootOfOutOverIn() {
        double[] gradient = {1, -2, 3, 4};
        double[] wide = new double[4];
        double[] tall = new double[4];
        double[] wideAdapter = new double[4];
        new ReferenceMuon(0.95, 0).update("w", wide, gradient, 1, 4, Lies.IN_OUT, 1);
        new ReferenceMuon(0.95, 0).update("w", tall, gradient, 4, 1, Lies.IN_OUT, 1);
        new ReferenceMuon(0.95, 0).update("w", wideAdapter, gradient, 4, 1, Lies.OUT_IN, 1);
        for (int i = 0; i < 4; i++) {
            assertEquals(2 * tall[i], wide[i], 1e-12);
            assertEquals(wide[i], wideAdapter[i], 1e-12);
            assertTrue(wide[i] * gradient[i] < 0, "downhill");
        }
    }
}
