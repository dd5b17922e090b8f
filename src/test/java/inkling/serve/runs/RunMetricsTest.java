package inkling.serve.runs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import inkling.inspect.RunHistory.Metric;
import inkling.inspect.metrics.RunFigures;
import inkling.serve.RunFiles;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunMetricsTest {
    /** Forgotten curves are read again as the same history, so that pages that follow the run need not begin anew. */
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

    /** A resume at an earlier step writes the file anew. A page that has rows of the old file must get all rows of the new one. */
    @Test void curvesOfAFileThatWasWrittenAnewAreAnotherHistory(@TempDir Path folder) throws IOException {
        Path run = RunFiles.begin(folder, "a", 100);
        RunFiles.append(run, RunFiles.rows(1, 40, 5));
        RunMetrics metrics = new RunMetrics(run);
        metrics.curves((figures, curves) -> curves.size());
        long history = metrics.history();
        metrics.forgetCurves();
        RunFiles.begin(folder, "a", 100);
        RunFiles.append(run, RunFiles.rows(2, 60, 5));
        assertEquals(60, metrics.<Long>curves((figures, curves) -> figures.step()));
        assertNotEquals(history, metrics.history());
    }
}
