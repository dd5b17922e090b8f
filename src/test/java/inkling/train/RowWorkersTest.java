package inkling.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;
import inkling.data.Batch;
import inkling.engine.ComputeContext;
import inkling.engine.Devices;
import inkling.model.Gpt;
import inkling.model.GptWeights;
import inkling.model.Lora;
import inkling.model.LoraConfig;
import inkling.model.Parameters;
import inkling.model.config.GptConfig;
import inkling.model.config.GptOptions;
import inkling.model.config.Norm;
import inkling.model.config.Positions;
import inkling.model.grad.LossGradients;
import inkling.optim.AdamW;
import inkling.optim.AdamWConfig;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("training")
class RowWorkersTest {
    private final NDManager manager = Devices.manager(Device.cpu());

    @AfterEach
    void free() {
        manager.close();
    }

    private static ComputeContext threads(int count) {
        return ComputeContext.of("cpu").withThreads(count);
    }

    private static GptConfig config(double dropout, Positions positions) {
        return GptOptions.DEFAULT.with(o -> o.nLayer(2).nHead(2).nKvHead(1).nEmbd(16).nInner(32).contextLength(8).dropout(dropout)
            .positions(positions)).over(19);
    }

    private static Batch batch(int rows) {
        Random random = new Random(3);
        long[] targets = random.longs(rows * 8L, 0, 19).toArray();
        Arrays.fill(targets, 0, 5, Batch.IGNORED); // so that the rows' shares of the mean differ
        return new Batch(random.longs(rows * 8L, 0, 19).toArray(), targets, rows, 8);
    }

    private float[][] gradients(BatchGradients of, Batch batch) {
        try (NDManager scope = manager.newSubManager()) {
            LossGradients.Result result = of.of(scope, batch, 1.0 / batch.targetCount(), 1);
            float[][] all = new float[result.gradients().size() + 1][];
            all[0] = result.loss().reshape(1).toFloatArray();
            for (int i = 1; i < all.length; i++) {
                all[i] = result.gradients().get(i - 1).toFloatArray();
            }
            return all;
        }
    }

    private static void assertClose(float[][] expected, float[][] actual) {
        assertEquals(expected.length, actual.length);
        for (int i = 0; i < expected.length; i++) {
            assertArrayEquals(expected[i], actual[i], 1e-6f);
        }
    }

    @ParameterizedTest
    @CsvSource({"2, 4, LEARNED, false", "3, 5, ROPE, true", "4, 3, LEARNED, true", "2, 1, ROPE, false"})
    void sharedOutRowsGiveTheGradientsOfTheWholeBatch(int workers, int rows, Positions positions, boolean recompute) {
        try (Gpt gpt = Gpt.initialise(config(0, positions), manager, 1)) {
            List<String> names = gpt.parameters().names();
            float[][] whole = gradients(BatchGradients.whole(new LossGradients(gpt, names, false)), batch(rows));
            try (RowWorkers shared = new RowWorkers(gpt, names, recompute, 64, threads(workers))) {
                assertEquals(workers, shared.workers());
                float[][] first = gradients(shared, batch(rows));
                assertClose(whole, first);
                for (int again = 0; again < 20; again++) {
                    float[][] bits = gradients(shared, batch(rows));
                    for (int i = 0; i < first.length; i++) {
                        assertArrayEquals(first[i], bits[i]);
                    }
                }
            }
        }
    }

    /** Each step has another batch, and the weights move. Equal gradients of one batch would not show that updates reach both workers. */
    @Test
    void trainingWithTwoWorkersEndsWhereThatWithOneDoes() {
        List<float[]> alone = trained(1);
        List<float[]> shared = trained(2);
        for (int i = 0; i < alone.size(); i++) {
            assertArrayEquals(alone.get(i), shared.get(i), 1e-4f);
        }
    }

    private List<float[]> trained(int workers) {
        Random random = new Random(4);
        try (Gpt gpt = Gpt.initialise(config(0, Positions.LEARNED), manager, 1);
             AdamW adam = new AdamW(new AdamWConfig(0.9, 0.99, 1e-8, 0.1, 1), gpt.parameters().asMap(), manager);
             RowWorkers gradients = new RowWorkers(gpt, gpt.parameters().names(), false, 4, threads(workers))) {
            Stepper stepper = new Stepper(manager, gradients, adam, step -> 3e-3, 1.0, 1);
            for (int step = 0; step < 40; step++) {
                stepper.step(step, List.of(new Batch(random.longs(32, 0, 19).toArray(), random.longs(32, 0, 19).toArray(), 4, 8)));
            }
            return gpt.parameters().arrays().stream().map(NDArray::toFloatArray).toList();
        }
    }

    @Test
    void everyWorkerSeesAnUpdatedWeight() {
        try (Gpt gpt = Gpt.initialise(config(0, Positions.LEARNED), manager, 1);
             RowWorkers shared = new RowWorkers(gpt, gpt.parameters().names(), false, 4, threads(2))) {
            float[][] before = gradients(shared, batch(4));
            for (NDArray weight : gpt.parameters().arrays()) {
                weight.muli(1.5f);
            }
            float[][] after = gradients(shared, batch(4));
            assertClose(gradients(BatchGradients.whole(new LossGradients(gpt, gpt.parameters().names(), false)), batch(4)), after);
            assertEquals(false, Arrays.equals(before[1], after[1]));
        }
    }

    @Test
    void afterACallTheCallersOperationsUseAllThreads() {
        threads(1).enter();
        try (Gpt gpt = Gpt.initialise(config(0, Positions.LEARNED), manager, 1);
             RowWorkers shared = new RowWorkers(gpt, gpt.parameters().names(), false, 4, threads(2))) {
            gradients(shared, batch(4));
            assertEquals(2, JniUtils.getNumThreads());
        }
    }

    @Test
    void aFaultInAWorkerIsThrownAtTheCaller() {
        try (Gpt gpt = Gpt.initialise(config(0, Positions.LEARNED), manager, 1);
             RowWorkers shared = new RowWorkers(gpt, gpt.parameters().names(), false, 4, threads(2))) {
            Batch batch = batch(4);
            batch.ids()[17] = 1_000;
            assertThrows(EngineException.class, () -> gradients(shared, batch));
            batch.ids()[17] = 1;
            gradients(shared, batch);
        }
    }

    private static int workers(Gpt gpt, int rows, int threads) {
        try (RowWorkers workers = new RowWorkers(gpt, gpt.parameters().names(), false, rows, threads(threads))) {
            return workers.workers();
        }
    }

    @Test
    void asManyWorkersAsFinishSoonest() {
        assertEquals(2, RowWorkers.count(1000, 12, 2));
        assertEquals(2, RowWorkers.count(1000, 5, 2),
            "two workers take the time of three rows with one thread each; one worker that of five rows with two threads, which is longer");
        assertEquals(4, RowWorkers.count(50L << 20, 8, 16), "six could be had, but then two have two rows and the others wait");
        assertEquals(1, RowWorkers.count(300L << 20, 8, 16));
        assertEquals(1, RowWorkers.count(1000, 1, 16));
    }

    /** The model has adapters and a frozen block. */
    @Test
    void adaptersOfASharedModelGetTheirGradientsToo() {
        Lora lora = new Lora(new LoraConfig(2, 4, 0, List.of("attn.c_attn", "mlp.c_proj")));
        GptConfig config = config(0, Positions.ROPE);
        Parameters parameters = GptWeights.initialise(config, manager.newSubManager(), 1);
        lora.addTo(parameters, config, 5);
        try (Gpt gpt = new Gpt(config, parameters, Optional.of(lora))) {
            List<String> trainable = gpt.parameters().names().stream()
                .filter(name -> name.contains("lora") && !name.startsWith("h.0.")).toList();
            gpt.parameters().asMap().forEach((name, array) -> {
                if (trainable.contains(name)) {
                    array.addi(0.05f); // B begins at zero, and hides A's gradient
                }
            });
            float[][] whole = gradients(BatchGradients.whole(new LossGradients(gpt, trainable, false)), batch(5));
            try (RowWorkers shared = new RowWorkers(gpt, trainable, true, 5, threads(2))) {
                assertEquals(2, shared.workers());
                assertEquals(trainable.size() + 1, whole.length);
                assertClose(whole, gradients(shared, batch(5)));
            }
        }
    }

    /** A caller may close the weights when the call returns, so no worker may still read them. */
    @Test
    void anInterruptedCallerWaitsForItsWorkers() {
        try (Gpt gpt = Gpt.initialise(config(0, Positions.LEARNED), manager, 1);
             RowWorkers shared = new RowWorkers(gpt, gpt.parameters().names(), false, 4, threads(2))) {
            float[][] undisturbed = gradients(shared, batch(4));
            Thread.currentThread().interrupt();
            float[][] interrupted = gradients(shared, batch(4));
            assertTrue(Thread.interrupted(), "the caller still sees the interrupt");
            assertClose(undisturbed, interrupted);
        }
    }

    @Test
    void dropoutAndLargeGradientsKeepToOneWorker() {
        try (Gpt dropping = Gpt.initialise(config(0.1, Positions.LEARNED), manager, 1); Gpt gpt = Gpt.initialise(config(0, Positions.ROPE),
            manager, 1)) {
            assertEquals(1, workers(dropping, 8, 4));
            assertEquals(4, workers(gpt, 8, 4));
            assertEquals(3, workers(gpt, 3, 4));
        }
        GptConfig wide = GptOptions.DEFAULT.with(o -> o.nLayer(1).nHead(2).nEmbd(2_048).nInner(64).contextLength(8)
            .positions(Positions.ROPE).norm(Norm.RMS_NORM)).over(40_000);
        try (Gpt large = Gpt.initialise(wide, manager, 1)) {
            assertEquals(1, workers(large, 8, 4));
        }
    }
}
