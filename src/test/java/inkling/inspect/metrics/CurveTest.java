package inkling.inspect.metrics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class CurveTest {
    private static Curve of(double... values) {
        Curve curve = new Curve();
        for (int i = 0; i < values.length; i++) {
            curve.add(10L * i, values[i]);
        }
        return curve;
    }

    @Test void fewPointsComeAsTheyAre() {
        Curve.Window window = of(3, 1, 2).window(0, Long.MAX_VALUE, 5);
        assertEquals(1, window.each());
        assertArrayEquals(new long[] {0, 10, 20}, window.steps());
        for (double[] values : new double[][] {window.last(), window.mean(), window.low(), window.high()}) {
            assertArrayEquals(new double[] {3, 1, 2}, values);
        }
    }

    @Test void manyBecomeRangesThatKeepTheirExtremes() {
        Curve.Window window = of(5, 1, 9, 2, 4, 4).window(0, Long.MAX_VALUE, 2);
        assertEquals(3, window.each());
        assertArrayEquals(new long[] {20, 50}, window.steps());
        assertArrayEquals(new double[] {9, 4}, window.last());
        assertArrayEquals(new double[] {5, 10.0 / 3}, window.mean(), 1e-12);
        assertArrayEquals(new double[] {1, 2}, window.low());
        assertArrayEquals(new double[] {9, 4}, window.high());
    }

    @Test void aWindowHasTheStepsThatWereAskedFor() {
        Curve curve = of(1, 2, 3, 4, 5);
        assertArrayEquals(new long[] {20, 30}, curve.window(11, 39, 10).steps());
        assertArrayEquals(new long[] {20}, curve.window(20, 20, 10).steps());
        assertEquals(0, curve.window(21, 29, 10).steps().length);
        assertEquals(0, curve.window(41, Long.MAX_VALUE, 10).steps().length);
    }

    /** However many values come, memory stays bounded, no peak is lost, and the means are those of all values. */
    @Test void aLongRunKeepsItsPeaksAndItsMeansInBoundedMemory() {
        Curve curve = new Curve(1 << 10);
        double[] values = new double[100_003];
        for (int i = 0; i < values.length; i++) {
            values[i] = i == 31_417 ? 50 : i == 77_777 ? -50 : Math.sin(i / 1000.0);
            curve.add(i, values[i]);
        }
        assertTrue(curve.size() <= 1 << 9 && curve.size() > 1 << 8, "" + curve.size());
        assertTrue(curve.bytes() <= 20 << 10, "" + curve.bytes());
        Curve.Window all = curve.window(0, Long.MAX_VALUE, 1 << 10);
        assertEquals(256, all.each());
        int from = 0;
        for (int point = 0; point < all.steps().length; point++) {
            double[] own = Arrays.copyOfRange(values, from, (int) all.steps()[point] + 1);
            assertTrue(own.length == 256 || point == all.steps().length - 1, "point " + point);
            assertEquals(Arrays.stream(own).average().orElseThrow(), all.mean()[point], 1e-12);
            assertEquals(Arrays.stream(own).max().orElseThrow(), all.high()[point]);
            assertEquals(Arrays.stream(own).min().orElseThrow(), all.low()[point]);
            assertEquals(own[own.length - 1], all.last()[point]);
            from += own.length;
        }
        assertEquals(values.length, from);
        Curve.Window one = curve.window(0, Long.MAX_VALUE, 1);
        assertEquals(Arrays.stream(values).average().orElseThrow(), one.mean()[0], 1e-12);
        curve.clear();
        curve.add(7, 3);
        assertEquals(1, curve.window(0, 7, 5).each());
    }
}
