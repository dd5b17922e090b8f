package inkling.serve.runs;

import static inkling.Says.says;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.inspect.RunHistory.Metric;
import inkling.inspect.metrics.MetricsTail;
import inkling.inspect.metrics.RunFigures;
import inkling.run.RunState;
import inkling.run.folder.RunStanding;
import inkling.runfile.ConfigFile;
import inkling.serve.RunFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The figures that a page shows of a run, and when the page warns that something is wrong. */
class RunFiguresTest {
    @TempDir Path folder;
    private final RunFigures figures = new RunFigures();

    private void losses(int from, int to, IntToDoubleFunction loss) {
        for (int step = from; step <= to; step++) {
            double[] values = new double[Metric.values().length];
            java.util.Arrays.fill(values, Double.NaN);
            values[Metric.TRAIN_LOSS.ordinal()] = loss.applyAsDouble(step);
            figures.row(step, step * 10L, values);
        }
    }

    private void evaluations(double... losses) {
        for (double loss : losses) {
            double[] values = new double[Metric.values().length];
            java.util.Arrays.fill(values, Double.NaN);
            values[Metric.VAL_LOSS.ordinal()] = loss;
            figures.row(figures.step() + 100, 0, values);
        }
    }

    private List<RunWarnings.Warning> found(RunState state, long checkpoint, long free) throws IOException {
        Path run = RunFiles.begin(folder, "a", 100);
        RunStanding standing = new RunStanding("a", run, state, OptionalLong.empty(), 50, false,
            ConfigFile.read(run.resolve("config.yaml"), List.of()));
        return RunWarnings.of(standing, figures, Optional.empty(), new DiskUse(0, checkpoint, OptionalLong.of(free)));
    }

    private List<String> warnings(RunState state, long checkpoint, long free) throws IOException {
        return found(state, checkpoint, free).stream().map(w -> w.kind() + (w.passed() ? " passed" : "")).toList();
    }

    private List<String> warnings() throws IOException {
        return warnings(RunState.RUNNING, 1_000, 1L << 40);
    }

    @Test void aNoisyDescentIsNoJump() throws IOException {
        Random random = new Random(1);
        losses(1, 5_000, step -> 1 + 8 / Math.sqrt(step) + 0.1 * random.nextGaussian());
        assertEquals(Optional.empty(), figures.spike());
        assertEquals(List.of(), warnings());
    }

    @Test void aJumpIsToldOnceWithItsStepAndWhetherItCameBack() throws IOException {
        Random random = new Random(2);
        losses(1, 400, step -> 2 + 0.05 * random.nextGaussian());
        losses(401, 410, step -> 4 + 0.05 * random.nextGaussian());
        assertEquals(401, figures.spike().orElseThrow().step());
        assertEquals(2, figures.spike().orElseThrow().before(), 0.1);
        assertEquals(4, figures.spike().orElseThrow().loss(), 0.3);
        assertEquals(List.of("spike"), warnings());
        losses(411, 440, step -> 2 + 0.05 * random.nextGaussian());
        assertEquals(401, figures.spike().orElseThrow().step());
        assertEquals(List.of("spike passed"), warnings());
    }

    @Test void validationThatRisesIsToldAfterThreeEvaluations() throws IOException {
        evaluations(4, 3, 2, 2.1, 2.2);
        assertEquals(List.of(), warnings());
        evaluations(2.3);
        assertEquals(List.of("validation"), warnings());
        evaluations(1.9);
        assertEquals(List.of(), warnings());
        evaluations(1.901, 1.902, 1.903, 1.904);
        assertEquals(List.of(), warnings(), "the rise is too small to tell");
    }

    @Test void theModelBeforeTheFirstUpdateIsNoRunsBest() throws IOException {
        Path run = RunFiles.begin(folder, "worse", 100);
        RunFiles.append(run, "0,0,,3.5,,,,\r\n");
        MetricsTail tail = new MetricsTail(run.resolve("metrics.csv"), figures);
        tail.poll();
        assertEquals(Optional.empty(), figures.bestValidation());
        assertEquals(Optional.empty(), RunFiles.history(run).bestValidation());
        RunFiles.append(run, "10,640,,3.9,,,,\r\n20,1280,,4.0,,,,\r\n30,1920,,4.1,,,,\r\n");
        tail.poll();
        assertEquals(10, figures.bestValidation().orElseThrow().step());
        assertEquals(10, RunFiles.history(run).bestValidation().orElseThrow().step());
        String warning = RunWarnings.of(RunStanding.of(run), figures, Optional.empty(), new DiskUse(0, 1, OptionalLong.empty())).get(0)
            .text();
        assertTrue(warning.contains("worse than before the first update") && !warning.contains("best"), warning);
    }

    @Test void whatDivergedOrFillsTheDiskIsTold() throws IOException {
        losses(1, 3, step -> step == 2 ? Double.POSITIVE_INFINITY : 2);
        assertEquals(2, figures.firstNotFinite().orElseThrow());
        assertEquals(List.of("diverged", "not_finite"), warnings(RunState.DIVERGED, 1_000, 1L << 40));
        assertEquals(List.of("not_finite", "disk"), warnings(RunState.RUNNING, 1L << 30, 2L << 30));
        assertEquals(List.of("not_finite"), warnings(RunState.RUNNING, 1L << 30, 4L << 30));
    }

    /** The last row and the last checkpoint may be of different steps: the later step is the last one that is known to have gone well. */
    @Test void aDivergedRunIsToldTheLastStepThatWentWell() throws IOException {
        losses(40, 40, step -> 2);
        says(found(RunState.DIVERGED, 1_000, 1L << 40).get(0).text(), "an update after step 50", "checkpoint of step 50");
        losses(60, 60, step -> 2);
        says(found(RunState.DIVERGED, 1_000, 1L << 40).get(0).text(), "an update after step 60", "checkpoint of step 50");
    }

    @Test void aDiskIsFullWhereNoCheckpointFits() throws IOException {
        says(found(RunState.RUNNING, 46_000, 12_000).get(0).text(), "The disk is full: 12 kB are left", "takes 46 kB");
        says(found(RunState.RUNNING, 46_000, 4_000_000).get(0).text(), "The disk is nearly full: 4 MB are left");
        String first = found(RunState.RUNNING, 0, 12_000).get(0).text();
        says(first, "The disk is nearly full: 12 kB are left.");
        assertFalse(first.contains("checkpoint"), "nobody knows its size yet: " + first);
    }

    @Test void timesAndStepsAreThoseOfTheRunHistory() throws IOException {
        Path run = RunFiles.begin(folder, "b", 100);
        RunFiles.append(run, "0,0,,3.5,,,,\r\n" + RunFiles.rows(1, 500, 9));
        assertTrue(new MetricsTail(run.resolve("metrics.csv"), figures).poll());
        assertEquals(RunFiles.history(run).seconds(), figures.seconds(), 1e-9);
        assertEquals(RunFiles.history(run).bestValidation().map(p -> p.step()), figures.bestValidation().map(p -> p.step()));
        assertEquals(RunFiles.history(run).last(Metric.TRAIN_LOSS).map(p -> p.step()), figures.lastTrain().map(p -> p.step()));
        assertEquals(500, figures.step());
        assertFalse(figures.secondsPerStep().isEmpty());
        assertEquals(64 / 42_500.0, figures.secondsPerStep().orElseThrow(), 1e-4);
    }
}
