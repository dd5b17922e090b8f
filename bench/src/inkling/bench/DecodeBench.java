package inkling.bench;

import inkling.generate.GptLogits;
import inkling.model.Gpt;
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

/** One token of a model with the shape of the smallest GPT-2, through the key/value cache, after {@code past} tokens. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(value = 3)
@Warmup(iterations = 3, time = 3)
@Measurement(iterations = 5, time = 3)
public class DecodeBench {
    @Param({"16", "256", "1000"})
    int past;

    private Gpt gpt;
    private GptLogits model;

    @Setup(Level.Trial)
    public void make(EngineState engine) {
        gpt = Gpt.initialise(Shapes.gpt2Small(), engine.trial, 1);
        model = new GptLogits(gpt, engine.trial, EngineState.CONTEXT);
        model.read(new Random(1).ints(past, 0, 50_257).toArray());
    }

    @Benchmark
    public float[][] token() {
        model.keep(past, past + 1, 0);
        return model.read(new int[] {42});
    }

    @TearDown(Level.Trial)
    public void free() {
        model.close();
        gpt.close();
    }
}
