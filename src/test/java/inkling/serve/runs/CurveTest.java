package inkling.serve.runs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.serve.RunFiles;
import inkling.inspect.RunHistory.Metric;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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

    /** However many points come: memory has a bound, and no peak is lost. */
    @Test void aLongRunKeepsItsPeaksInBoundedMemory() {
        Curve curve = new Curve(1 << 10);
        for (int i = 0; i < 100_000; i++) {
            curve.add(i, i == 31_417 ? 50 : i == 77_777 ? -50 : Math.sin(i / 1000.0));
        }
        assertTrue(curve.size() <= 1 << 10 && curve.size() > 1 << 8, "" + curve.size());
        assertTrue(curve.bytes() <= 16 << 10, "" + curve.bytes());
        Curve.Window all = curve.window(0, Long.MAX_VALUE, 1 << 10);
        assertEquals(50, Arrays.stream(all.high()).max().orElseThrow());
        assertEquals(-50, Arrays.stream(all.low()).min().orElseThrow());
        assertArrayEquals(all.steps(), Arrays.stream(all.steps()).sorted().distinct().toArray());
        assertTrue(all.steps()[all.steps().length - 1] > 99_000);
    }

    /** What is forgotten is read again, and is the same history: pages that follow need not begin anew. */
    @Test void curvesThatWereForgottenComeBack(@TempDir Path folder) throws IOException {
        Path run = RunFiles.begin(folder, "a", 100);
        RunFiles.append(run, RunFiles.rows(1, 40, 5));
        RunMetrics metrics = new RunMetrics(run);
        double[] before = metrics.curves((figures, curves) -> curves.get(Metric.VAL_LOSS).window(0, 100, 100).last());
        assertEquals(8, before.length);
        long history = metrics.history();
        metrics.forgetCurves();
        assertEquals(0, metrics.bytes());
        RunFiles.append(run, RunFiles.rows(41, 45, 5));
        assertEquals(45, metrics.figures(RunFigures::step));
        double[] after = metrics.curves((figures, curves) -> curves.get(Metric.VAL_LOSS).window(0, 40, 100).last());
        assertArrayEquals(before, after);
        assertEquals(history, metrics.history());
    }
}
