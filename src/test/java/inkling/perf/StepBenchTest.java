package inkling.perf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.TinyRun;
import inkling.model.config.GptConfig;
import inkling.run.RunArchitecture;
import inkling.runfile.ConfigFile;
import inkling.runfile.RunConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("training")
class StepBenchTest {
    private static final Path RUNS = Path.of("none");

    private static StepBench.Parts parts(String... overrides) {
        RunConfig run = ConfigFile.parse(TinyRun.CONFIG, "tiny.yaml", List.of(overrides));
        GptConfig model = RunArchitecture.of(run, RUNS, OptionalInt.of(60));
        return StepBench.measure(model, run, run.context(), 3);
    }

    @Test
    void aStepsMemoryIsThatOfItsArrays() {
        StepBench.Parts small = parts("train.batch_size=64", "model.dropout=0.0");
        StepBench.Parts large = parts("train.batch_size=128", "model.dropout=0.0");
        double small64 = small.space().engineBytes().orElseThrow();
        double large128 = large.space().engineBytes().orElseThrow();
        assertTrue(small64 > small.space().expectedBytes(), "a step allocates more than it holds at a time: " + small.space());
        assertEquals(2, large128 / small64, 0.1, "nearly all is activations");
        assertEquals(2, (double) large.space().expectedBytes() / small.space().expectedBytes(), 0.1);
        assertTrue(small.space().javaBytes().orElse(1) > 0 && small.space().javaBytes().orElse(1) < small64 / 2,
            "Java holds none of the arrays");
        assertTrue(small.space().residentPeakBytes().orElse(Long.MAX_VALUE) > small.space().expectedBytes(),
            "the step's arrays were in memory");
    }

    @Test
    void tokensFlopsAndTimesOfAStepFitTogether() {
        StepBench.Parts parts = parts();
        assertEquals(4 * 16, parts.tokens());
        RunConfig run = ConfigFile.parse(TinyRun.CONFIG, "tiny.yaml", List.of());
        assertEquals(64.0 * ParameterTally.of(RunArchitecture.of(run, RUNS, OptionalInt.of(60))).trainingFlops(16), parts.flops());
        assertTrue(parts.forward() > 0 && parts.total() > parts.clip() + parts.optimizer() - 1e-9);
    }
}
