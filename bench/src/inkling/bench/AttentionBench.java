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

/** Fused causal attention of 6 heads of 64 channels, batch 2: forward alone, and forward with all three gradients. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(value = 3)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class AttentionBench {
    @Param({"256", "1024"})
    int tokens;

    /** How many key heads there are, and as many value heads; if fewer than 6, queries share them (grouped-query attention). */
    @Param({"6", "2"})
    int keyValueHeads;

    private NDArray q;
    private NDArray k;
    private NDArray v;
    private NDArray dOut;

    @Setup(Level.Trial)
    public void draw(EngineState engine) {
        q = Shapes.normal(engine.trial, 2, 6, tokens, 64);
        k = Shapes.normal(engine.trial, 2, keyValueHeads, tokens, 64);
        v = Shapes.normal(engine.trial, 2, keyValueHeads, tokens, 64);
        dOut = Shapes.normal(engine.trial, 2, tokens, 6 * 64);
        List.of(q, k, v).forEach(array -> array.setRequiresGradient(true));
    }

    @Benchmark
    public NDArray forward(EngineState engine) {
        return attend(engine);
    }

    @Benchmark
    public NDList forwardAndBackward(EngineState engine) {
        try (Autograd on = Autograd.recording()) {
            NDArray out = attend(engine);
            NDList gradients = Kernels.gradients(out.mul(dOut).sum(), List.of(q, k, v));
            gradients.attach(engine.call);
            return gradients;
        }
    }

    private NDArray attend(EngineState engine) {
        int shared = 6 / keyValueHeads;
        NDArray keys = Kernels.repeatHeads(k, shared);
        NDArray values = Kernels.repeatHeads(v, shared);
        NDArray out = Kernels.attention(q, keys, values, Kernels.Scores.ALL, 0);
        if (shared > 1) {
            keys.attach(engine.call);
            values.attach(engine.call);
        }
        out.attach(engine.call);
        return out;
    }
}
