package inkling.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import inkling.data.Batch;
import inkling.engine.ComputeContext;
import inkling.engine.Devices;
import inkling.model.Gpt;
import inkling.model.config.GptConfig;
import inkling.model.config.GptOptions;
import inkling.model.grad.LossGradients;
import inkling.optim.AdamW;
import inkling.optim.AdamWConfig;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("training")
class StepperTest {
    private final NDManager manager = Devices.manager(Device.cpu());

    @AfterEach
    void free() {
        manager.close();
    }

    private static GptConfig config(double dropout) {
        return GptOptions.DEFAULT.with(o -> o.nLayer(2).nHead(2).nEmbd(16).nInner(32).contextLength(8).dropout(dropout)).over(19);
    }

    private static Batch batch(long seed, int rows, boolean masked) {
        Random random = new Random(seed);
        long[] ids = random.longs(rows * 8L, 0, 19).toArray();
        long[] targets = random.longs(rows * 8L, 0, 19).toArray();
        if (masked) {
            Arrays.fill(targets, 0, 5, Batch.IGNORED);
        }
        return new Batch(ids, targets, rows, 8);
    }

    private static Batch joined(Batch a, Batch b) {
        return new Batch(concat(a.ids(), b.ids()), concat(a.targets(), b.targets()), a.rows() + b.rows(), 8);
    }

    private static long[] concat(long[] a, long[] b) {
        long[] both = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, both, a.length, b.length);
        return both;
    }

    private record Trained(Stepper.Measured measured, List<float[]> weights) {}

    private Trained train(GptConfig config, long seed, double rate, int steps, List<Batch> micro) {
        ComputeContext.of("cpu").enter();
        try (Gpt gpt = Gpt.initialise(config, manager, 1);
             AdamW adam = new AdamW(new AdamWConfig(0.9, 0.99, 1e-8, 0.1, 1), gpt.parameters().asMap(), manager)) {
            Stepper stepper = new Stepper(manager, BatchGradients.whole(new LossGradients(gpt, gpt.parameters().names(), false)), adam,
                step -> rate, 1.0, seed);
            Stepper.Measured measured = null;
            for (int step = 0; step < steps; step++) {
                measured = stepper.step(step, micro);
            }
            return new Trained(measured, gpt.parameters().arrays().stream().map(NDArray::toFloatArray).toList());
        }
    }

    /** The engine keeps its settings per thread, so another thread must get them, too. */
    @Test
    void anotherThreadTrainsToTheSameBits() throws InterruptedException {
        Trained here = train(config(0), 7, 1e-2, 40, List.of(batch(1, 4, false)));
        AtomicReference<Trained> there = new AtomicReference<>();
        Thread thread = new Thread(() -> there.set(train(config(0), 7, 1e-2, 40, List.of(batch(1, 4, false)))));
        thread.start();
        thread.join();
        assertEquals(here.measured(), there.get().measured());
        for (int i = 0; i < here.weights().size(); i++) {
            assertArrayEquals(here.weights().get(i), there.get().weights().get(i));
        }
    }

    @Test
    void accumulatedMicroBatchesEqualTheLargeBatchWhateverTheirMasks() {
        Batch a = batch(1, 2, true);
        Batch b = batch(2, 3, false);
        Trained large = train(config(0), 7, 1e-3, 1, List.of(joined(a, b)));
        Trained small = train(config(0), 7, 1e-3, 1, List.of(a, b));
        assertEquals(large.measured().loss(), small.measured().loss(), 1e-6);
        assertEquals(large.measured().gradNorm(), small.measured().gradNorm(), 1e-6);
    }

    @Test
    void theSameSeedGivesTheSameBitsAndAnotherSeedOtherDropout() {
        List<Batch> micro = List.of(batch(1, 2, false), batch(2, 2, false));
        Trained first = train(config(0.3), 7, 1e-3, 3, micro);
        Trained again = train(config(0.3), 7, 1e-3, 3, micro);
        Trained other = train(config(0.3), 8, 1e-3, 3, micro);
        for (int i = 0; i < first.weights().size(); i++) {
            assertArrayEquals(first.weights().get(i), again.weights().get(i), 0f);
        }
        assertNotEquals(first.measured().loss(), other.measured().loss());
    }

    @Test
    void aLossThatIsNotFiniteStopsBeforeTheUpdateIsApplied() {
        try (Gpt gpt = Gpt.initialise(config(0), manager, 1);
             AdamW adam = new AdamW(new AdamWConfig(0.9, 0.99, 1e-8, 0.1, 1), gpt.parameters().asMap(), manager)) {
            gpt.parameters().get("ln_f.weight").set(new float[] {Float.NaN, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1});
            float[] before = gpt.parameters().get("wte.weight").toFloatArray();
            Stepper stepper = new Stepper(manager, BatchGradients.whole(new LossGradients(gpt, gpt.parameters().names(), false)), adam,
                step -> 1e-3, 1.0, 7);
            DivergedException e = assertThrows(DivergedException.class, () -> stepper.step(41, List.of(batch(1, 2, false))));
            assertEquals(5, e.exitCode().code());
            assertTrue(e.getMessage().startsWith("training diverged at update 42 (micro-steps 41 to 41): loss NaN"), e.getMessage());
            assertArrayEquals(before, gpt.parameters().get("wte.weight").toFloatArray(), 0f);
            assertEquals(0, adam.updates());
        }
    }

    @Test
    void aGradientThatIsNotFiniteStopsBeforeTheUpdateIsApplied() {
        try (Gpt gpt = Gpt.initialise(config(0), manager, 1);
             AdamW adam = new AdamW(new AdamWConfig(0.9, 0.99, 1e-8, 0.1, 1), gpt.parameters().asMap(), manager)) {
            BatchGradients finite = BatchGradients.whole(new LossGradients(gpt, gpt.parameters().names(), false));
            BatchGradients infinite = (scope, batch, weight, seed) -> {
                LossGradients.Result result = finite.of(scope, batch, weight, seed);
                result.gradients().get(0).muli(Float.POSITIVE_INFINITY);
                return result;
            };
            float[] before = gpt.parameters().get("wte.weight").toFloatArray();
            Stepper stepper = new Stepper(manager, infinite, adam, step -> 1e-3, 1.0, 7);
            DivergedException e = assertThrows(DivergedException.class, () -> stepper.step(41, List.of(batch(1, 2, false))));
            assertTrue(e.getMessage().matches("training diverged at update 42 .*: loss \\d.*, gradient norm [NI].*"), e.getMessage());
            assertArrayEquals(before, gpt.parameters().get("wte.weight").toFloatArray(), 0f);
            assertEquals(0, adam.updates());
        }
    }

    @Test
    void arraysStayAtTheSameNumberStepAfterStep() {
        try (Gpt gpt = Gpt.initialise(config(0.1), manager, 1);
             AdamW adam = new AdamW(new AdamWConfig(0.9, 0.99, 1e-8, 0.1, 1), gpt.parameters().asMap(), manager)) {
            Stepper stepper = new Stepper(manager, BatchGradients.whole(new LossGradients(gpt, gpt.parameters().names(), false)), adam,
                step -> 1e-3, 1.0, 7);
            List<Batch> micro = List.of(batch(1, 2, false), batch(2, 2, false));
            stepper.step(0, micro);
            int before = live();
            for (int step = 1; step < 200; step++) {
                stepper.step(step, micro);
            }
            assertEquals(before, live());
        }
    }

    /** Arrays of every manager in the process. */
    private int live() {
        NDManager top = manager;
        while (top.getParentManager() != null && top.getParentManager() != top) {
            top = top.getParentManager();
        }
        return top.getManagedArrays().size();
    }
}
