package inkling.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import inkling.engine.Autograd;
import inkling.engine.Kernels;
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
import org.openjdk.jmh.annotations.Warmup;

/** Unembedding, cross-entropy over 50,257 tokens and both gradients, for 4 × 64 vectors of 768: all rows at once, or some at a time. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(value = 3)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class CrossEntropyBench {
    /** How many tokens' logits are held at a time; 0 means all, with gradients by autograd. */
    @Param({"0", "64", "256"})
    int rows;

    private NDArray y;
    private NDArray w;
    private NDArray targets;

    @Setup(Level.Trial)
    public void draw(EngineState engine) {
        y = Shapes.normal(engine.trial, 4, 64, 768);
        w = Shapes.normal(engine.trial, 50_257, 768).muli(0.02f);
        targets = Shapes.ids(engine.trial, 50_257, 4, 64);
        List.of(y, w).forEach(array -> array.setRequiresGradient(true));
    }

    @Benchmark
    public NDList lossAndGradients(EngineState engine) {
        NDArray input = y.duplicate();
        input.attach(engine.call);
        if (rows > 0) {
            return Kernels.unembeddingLoss(input, w, targets, 1.0 / 256, rows, true, Double.POSITIVE_INFINITY);
        }
        input.setRequiresGradient(true);
        try (Autograd on = Autograd.recording()) {
            return Kernels.gradients(Kernels.crossEntropy(Kernels.unembed(input, w), targets), List.of(input, w));
        }
    }
}
