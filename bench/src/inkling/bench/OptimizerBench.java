package inkling.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import inkling.engine.UpdateKernels;
import inkling.model.Gpt;
import inkling.model.config.GptConfig;
import inkling.optim.AdamWConfig;
import inkling.optim.GradientClip;
import inkling.optim.MuonConfig;
import inkling.optim.Optimizer;
import inkling.optim.OptimizerConfig;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** The global norm of all gradients, and one update of all parameters with the gradients clipped by that norm. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(value = 3)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class OptimizerBench {
    @Param({"characters", "gpt2"})
    String model;

    @Param({"adamw", "muon"})
    String optimizer;

    private Gpt gpt;
    private Optimizer update;
    private List<NDArray> gradients;

    @Setup(Level.Trial)
    public void make(EngineState engine) {
        GptConfig config = model.equals("gpt2") ? Shapes.gpt2Small() : Shapes.characters();
        OptimizerConfig kind = optimizer.equals("muon") ? new MuonConfig(0.95, 0.2, 0.9, 0.95, 1e-8, 0.1, 1)
            : new AdamWConfig(0.9, 0.95, 1e-8, 0.1, 1);
        gpt = Gpt.initialise(config, engine.trial, 1);
        update = kind.create(gpt.parameters().asMap(), gpt.layout(), engine.trial);
        gradients = gpt.parameters().arrays().stream()
            .map(p -> engine.trial.randomNormal(0, 1e-3f, p.getShape(), DataType.FLOAT32)).toList();
    }

    @Benchmark
    public float clipAndUpdate(EngineState engine) {
        try (NDArray norm = UpdateKernels.globalNorm(gradients)) {
            float n = norm.getFloat();
            update.update(gradients, 1e-5, GradientClip.divisor(n, 1));
            return n;
        }
    }

    @TearDown(Level.Trial)
    public void free() {
        update.close();
        gpt.close();
    }
}
