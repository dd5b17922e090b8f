package inkling.bench;

import inkling.data.Batch;
import inkling.data.Batches;
import inkling.data.Tokens;
import inkling.model.Gpt;
import inkling.model.grad.LossGradients;
import inkling.optim.AdamWConfig;
import inkling.optim.Optimizer;
import inkling.train.BatchGradients;
import inkling.train.Stepper;
import java.util.List;
import java.util.Random;
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

/** One whole update of the character model (4 layers, 4 heads, 128 wide), 12 windows of 64 tokens: batch, loss, gradients, clip, AdamW. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(value = 3)
@Warmup(iterations = 3, time = 3)
@Measurement(iterations = 5, time = 3)
public class TrainingStepBench {
    @Param({"false", "true"})
    boolean recompute;

    private Gpt gpt;
    private Optimizer optimizer;
    private Stepper stepper;
    private Batches batches;
    private long step;

    @Setup(Level.Trial)
    public void make(EngineState engine) {
        gpt = Gpt.initialise(Shapes.characters(), engine.trial, 1);
        optimizer = new AdamWConfig(0.9, 0.99, 1e-8, 0.1, 1).create(gpt.parameters().asMap(), gpt.layout(), engine.trial);
        BatchGradients gradients = BatchGradients.whole(new LossGradients(gpt, gpt.parameters().names(), recompute));
        stepper = new Stepper(engine.trial, gradients, optimizer, at -> 1e-3, 1, 1);
        batches = Batches.random(Tokens.of(new Random(1).ints(100_000, 0, 65).toArray()), 12, 64, 1);
    }

    @Benchmark
    public double update() {
        Batch batch = batches.at(step);
        return stepper.step(step++, List.of(batch)).loss();
    }

    @TearDown(Level.Trial)
    public void free() {
        optimizer.close();
        gpt.close();
    }
}
