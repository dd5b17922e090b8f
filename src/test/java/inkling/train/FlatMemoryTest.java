package inkling.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import inkling.data.Batch;
import inkling.engine.ComputeContext;
import inkling.engine.Devices;
import inkling.generate.GenerationSession;
import inkling.generate.Generator;
import inkling.generate.GptLogits;
import inkling.generate.SamplingOptions;
import inkling.model.Gpt;
import inkling.model.config.Activation;
import inkling.model.config.GptConfig;
import inkling.model.config.GptOptions;
import inkling.model.config.Norm;
import inkling.model.config.Positions;
import inkling.optim.AdamW;
import inkling.optim.AdamWConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Native memory is freed by hand. Over hundreds of training steps, sampled tokens and sessions, neither the live arrays nor the resident
 * memory may grow.
 */
@Tag("training")
class FlatMemoryTest {
    private static final ComputeContext CONTEXT = ComputeContext.of("cpu");

    private static final int STEPS = 300;
    private static final int TOKENS_AT_A_TIME = 66;
    private static final int SESSIONS = 200;
    /**
     * Between a reading before and the same reading after lie 150 steps of two micro-batches each. If each micro-batch leaked one weight
     * matrix (64 × 256 floats), that would be 20 MB; the JVM's own code needs some memory, too. Smaller leaks are found by the count of
     * live arrays, and by the test with twenty times as many steps.
     */
    private static final long ALLOWED_MEGABYTES = 12;

    private static GptConfig config(double dropout) {
        return GptOptions.DEFAULT.with(o -> o.nLayer(2).nHead(2).nEmbd(32).nInner(128).contextLength(16).dropout(dropout)
            .positions(Positions.ROPE).norm(Norm.RMS_NORM).activation(Activation.SWIGLU)).over(64);
    }

    /** Without dropout two threads share the rows; with it there is one worker, and one thread is enough for so small a model. */
    @ParameterizedTest
    @ValueSource(doubles = {0, 0.1})
    void overHundredsOfTrainingSteps(double dropout) throws IOException {
        training(dropout, STEPS);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.1})
    @Tag("long")
    void overThousandsOfTrainingSteps(double dropout) throws IOException {
        training(dropout, 20 * STEPS);
    }

    private static void training(double dropout, int steps) throws IOException {
        GptConfig wide = GptOptions.DEFAULT.with(o -> o.nLayer(2).nHead(2).nEmbd(64).nInner(256).contextLength(32).dropout(dropout)
            .positions(Positions.ROPE).norm(Norm.RMS_NORM).activation(Activation.SWIGLU)).over(64);
        try (NDManager manager = Devices.manager(Device.cpu()); Gpt gpt = Gpt.initialise(wide, manager, 1);
             RowWorkers workers = new RowWorkers(gpt, gpt.parameters().names(), false, 4, CONTEXT.withThreads(dropout > 0 ? 1 : 2));
             AdamW adam = new AdamW(new AdamWConfig(0.9, 0.99, 1e-8, 0.1, 1), gpt.parameters().asMap(), manager)) {
            Stepper stepper = new Stepper(manager, workers, adam, step -> 1e-3 / (1 + step), 1.0, 7);
            List<Batch> micro = List.of(batch(1), batch(2));
            int[] next = {0};
            Runnable some = () -> {
                for (int i = 0; i < steps / 10; i++) {
                    stepper.step(next[0]++, micro);
                }
            };
            some.run();
            int arrays = live(manager);
            long resident = leastResident(some);
            some.run();
            long after = leastResident(some);
            assertEquals(arrays, live(manager));
            assertFlat(resident, after);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void overHundredsOfSampledTokens(int samples) throws IOException {
        try (NDManager manager = Devices.manager(Device.cpu()); Gpt gpt = Gpt.initialise(config(0.1), manager, 1);
             GptLogits logits = new GptLogits(gpt, manager, CONTEXT)) {
            Generator generator = new Generator(logits, Optional.empty());
            SamplingOptions options = SamplingOptions.DEFAULT.withMaxTokens(TOKENS_AT_A_TIME).withSamples(samples).withSeed(3);
            Runnable some = () -> generator.generate(new int[] {1, 2, 3}, options, Generator.Listener.NONE);
            read(logits, 65); // by then, logits has its copy of the weights
            some.run();
            int arrays = live(manager);
            long resident = leastResident(some);
            some.run();
            long after = leastResident(some);
            assertEquals(arrays, live(manager));
            assertFlat(resident, after);
        }
    }

    /** Each session has keys and values of 1,024 tokens: half a megabyte. */
    @Test
    void overTwoHundredSessions() throws IOException {
        GptConfig longer = GptOptions.DEFAULT.with(o -> o.nLayer(2).nHead(2).nEmbd(32).nInner(128).contextLength(1024)
            .positions(Positions.ROPE).norm(Norm.RMS_NORM).activation(Activation.SWIGLU)).over(64);
        try (NDManager manager = Devices.manager(Device.cpu()); Gpt gpt = Gpt.initialise(longer, manager, 1)) {
            SamplingOptions options = SamplingOptions.DEFAULT.withMaxTokens(3);
            Runnable some = () -> {
                for (int i = 0; i < SESSIONS / 4; i++) {
                    try (GenerationSession session = GenerationSession.open(gpt, Optional.empty(), ComputeContext.of("cpu"))) {
                        session.generate(new int[] {1, 2, 3}, options, Generator.Listener.NONE);
                    }
                }
            };
            some.run();
            int arrays = live(manager);
            long resident = leastResident(some);
            long after = leastResident(some);
            assertEquals(arrays, live(manager));
            assertFlat(resident, after);
        }
    }

    /** The copy is made once, after as many tokens as make it worth its cost. */
    @Test
    void theCopyOfTheWeightsForALongTextIsFreedWithItsReader() {
        try (NDManager manager = Devices.manager(Device.cpu()); Gpt gpt = Gpt.initialise(config(0), manager, 1)) {
            try (GptLogits first = new GptLogits(gpt, manager, CONTEXT)) {
                read(first, 65); // by then, all that the kernels keep for good is there
            }
            int none = live(manager);
            for (int time = 0; time < 2; time++) {
                try (GptLogits logits = new GptLogits(gpt, manager, CONTEXT); GptLogits without = new GptLogits(gpt, manager, CONTEXT, 0)) {
                    int before = live(manager);
                    read(without, 200);
                    read(logits, 64);
                    logits.keep(1, 16, 0);
                    assertEquals(before, live(manager));
                    read(logits, 1);
                    int matrices = 2 * 5 + 1;
                    assertEquals(before + matrices, live(manager));
                    read(logits, 100);
                    assertEquals(before + matrices, live(manager));
                }
                assertEquals(none, live(manager));
            }
        }
    }

    private static void read(GptLogits logits, int tokens) {
        for (int i = 0; i < tokens; i++) {
            logits.keep(0, 16, 0);
            logits.read(new int[] {i % 64});
        }
    }

    private static Batch batch(long seed) {
        Random random = new Random(seed);
        return new Batch(random.longs(128, 0, 64).toArray(), random.longs(128, 0, 64).toArray(), 4, 32);
    }

    private static void assertFlat(long before, long after) {
        assertTrue(after <= before + ALLOWED_MEGABYTES, "resident: %d MB, then %d MB".formatted(before, after));
    }

    /** The least of four readings, each after some work: the allocator and the compiler take memory for moments. */
    private static long leastResident(Runnable work) throws IOException {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 4; i++) {
            work.run();
            least = Math.min(least, residentMegabytes());
        }
        return least;
    }

    /**
     * The resident memory according to Linux's /proc, or 0 on other systems. It includes the JVM's heap, so garbage is collected first.
     */
    private static long residentMegabytes() throws IOException {
        System.gc();
        Path status = Path.of("/proc/self/status");
        return !Files.exists(status) ? 0 : Files.readAllLines(status).stream().filter(line -> line.startsWith("VmRSS:"))
            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024).findFirst().orElse(0);
    }

    /** Arrays of every manager in the process. */
    private static int live(NDManager manager) {
        NDManager top = manager;
        while (top.getParentManager() != null && top.getParentManager() != top) {
            top = top.getParentManager();
        }
        return top.getManagedArrays().size();
    }
}
