package inkling.inspect.embedding;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.junit.jupiter.api.Test;

class PrincipalComponentsTest {
    /** The cross reaches 5 along (0.6, 0.8, 0), 2 along (−0.8, 0.6, 0) and 1 along the third axis, on both sides of (7, −3, 1). */
    @Test
    void findsTheAxesOfAKnownCross() {
        float[][] cross = {cross(5, 0, 0), cross(-5, 0, 0), cross(0, 2, 0), cross(0, -2, 0), cross(0, 0, 1), cross(0, 0, -1)};
        PrincipalComponents found = PrincipalComponents.of(cross, 3);
        // (−0.8, 0.6) is turned to (0.8, −0.6), so that its largest coefficient is positive
        double[][] expected = {{5, 0, 0}, {-5, 0, 0}, {0, -2, 0}, {0, 2, 0}, {0, 0, 1}, {0, 0, -1}};
        for (int i = 0; i < cross.length; i++) {
            assertArrayEquals(expected[i], found.coordinates()[i], 1e-5);
        }
        assertArrayEquals(new double[] {50 / 60.0, 8 / 60.0, 2 / 60.0}, found.explained(), 1e-6);
    }

    private static float[] cross(double a, double b, double c) {
        return new float[] {(float) (7 + 0.6 * a - 0.8 * b), (float) (-3 + 0.8 * a + 0.6 * b), (float) (1 + c)};
    }

    @Test
    void fewerPointsThanDimensionsGiveTheSameAnswerAsMore() {
        Random random = new Random(3);
        float[][] few = new float[5][40];
        float[][] repeated = new float[10 * few.length][40];
        for (int i = 0; i < few.length; i++) {
            for (int j = 0; j < 40; j++) {
                few[i][j] = (float) random.nextGaussian();
            }
        }
        for (int i = 0; i < repeated.length; i++) {
            repeated[i] = few[i % few.length];                    // 50 points: the covariance is taken; 5 points: the Gram matrix
        }
        PrincipalComponents small = PrincipalComponents.of(few, 3);
        PrincipalComponents large = PrincipalComponents.of(repeated, 3);
        for (int i = 0; i < few.length; i++) {
            assertArrayEquals(large.coordinates()[i], small.coordinates()[i], 1e-7);
        }
        assertArrayEquals(large.explained(), small.explained(), 1e-9);
    }

    @Test
    void componentsBeyondTheRankAreZero() {
        float[][] line = {{0, 0, 0}, {1, 1, 0}, {2, 2, 0}, {3, 3, 0}};
        PrincipalComponents found = PrincipalComponents.of(line, 3);
        assertArrayEquals(new double[] {1, 0, 0}, found.explained(), 1e-12);
        assertEquals(1.5 * Math.sqrt(2), found.coordinates()[3][0], 1e-12);
        assertArrayEquals(new double[] {0, 0, 0}, PrincipalComponents.of(new float[][] {{4, 5}}, 3).coordinates()[0]);
    }
}
