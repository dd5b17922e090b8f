package inkling.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import inkling.engine.Autograd;
import inkling.engine.Devices;
import inkling.engine.Kernels;
import inkling.model.config.Activation;
import inkling.model.config.GptConfig;
import inkling.model.config.GptOptions;
import inkling.model.config.Norm;
import inkling.model.config.Positions;
import inkling.model.config.RopeConfig;
import inkling.optim.AdamW;
import inkling.optim.AdamWConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class GptTest {
    private final NDManager manager = Devices.manager(Device.cpu());

    @AfterEach
    void free() {
        manager.close();
    }

    static GptConfig gpt2() {
        return GptOptions.DEFAULT.with(o -> o.nLayer(2).nEmbd(16).contextLength(12)).over(17);
    }

    static GptConfig llama() {
        RopeConfig scaled = new RopeConfig(10_000, Optional.of(new RopeConfig.Llama3Scaling(8, 1, 4, 8)));
        return GptOptions.DEFAULT.with(o -> o.nLayer(2).nKvHead(2).nEmbd(16).nInner(48).contextLength(12).bias(false)
            .tieEmbeddings(false).positions(Positions.ROPE).rope(scaled).norm(Norm.RMS_NORM).activation(Activation.SWIGLU)).over(17);
    }

    /** Many unusual options at once. */
    private static GptConfig unusual() {
        return GptOptions.DEFAULT.with(o -> o.nLayer(2).nHead(4).nKvHead(2).nEmbd(16).headSize(6).rotaryChannels(4).nInner(40)
            .contextLength(12).positions(Positions.ROPE).bias(false).qkvBias(true).onePlusGain(true).embeddingScale(2)
            .attentionScale(0.3).residualScale(0.5).logitScale(0.7)).over(17);
    }

    static Stream<GptConfig> architectures() {
        GptConfig g = gpt2();
        return Stream.of(g, llama(), GptOptions.DEFAULT.with(o -> o.nLayer(1).nKvHead(1).nEmbd(16).nInner(32).contextLength(12)
            .bias(false).positions(Positions.NONE).activation(Activation.RELU_SQUARED)).over(17), unusual());
    }

    private Gpt model(GptConfig config) {
        return Gpt.initialise(config, manager, 42);
    }

    private float[] logits(Gpt gpt, long... ids) {
        try (NDManager scope = manager.newSubManager()) {
            return gpt.forward(scope.create(ids, new Shape(1, ids.length)), Mode.EVAL, Probe.NONE).toFloatArray();
        }
    }

    @ParameterizedTest
    @MethodSource("architectures")
    void changingALaterTokenLeavesEarlierLogitsUnchanged(GptConfig config) {
        Gpt gpt = model(config);
        float[] before = logits(gpt, 1, 2, 3, 4);
        float[] after = logits(gpt, 1, 2, 3, 9);
        int v = config.vocabSize();
        assertArrayEquals(Arrays.copyOf(before, 3 * v), Arrays.copyOf(after, 3 * v), 1e-6f);
        assertFalse(Arrays.equals(Arrays.copyOfRange(before, 3 * v, 4 * v), Arrays.copyOfRange(after, 3 * v, 4 * v)),
            "the logits at the changed token must change");
    }

    @ParameterizedTest
    @MethodSource("architectures")
    void firstLossIsAboutThatOfGuessing(GptConfig config) {
        Gpt gpt = model(config);
        NDArray ids = manager.create(new long[] {1, 5, 2, 9, 16, 0}, new Shape(1, 6));
        NDArray targets = manager.create(new long[] {5, 2, 9, 16, 0, 3}, new Shape(1, 6));
        assertEquals(Math.log(config.vocabSize()), gpt.loss(ids, targets, Mode.EVAL).getFloat(), 0.1);
    }

    @ParameterizedTest
    @MethodSource("architectures")
    void cachedLogitsEqualTheFullPassHoweverTheTextIsCut(GptConfig config) {
        Gpt gpt = model(config);
        long[] ids = {3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8};
        int v = config.vocabSize();
        float[] full = logits(gpt, ids);
        for (int[] cuts : new int[][] {{12}, {1, 11}, {5, 1, 1, 5}, {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}, {3, 4, 5}}) {
            try (KvCache cache = new KvCache(manager, config, 1)) {
                int at = 0;
                for (int length : cuts) {
                    NDArray next = gpt.next(manager.create(Arrays.copyOfRange(ids, at, at + length), new Shape(1, length)), cache);
                    at += length;
                    assertArrayEquals(Arrays.copyOfRange(full, (at - 1) * v, at * v), next.toFloatArray(), 1e-4f);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("architectures")
    void aProbeSeesPatternsThatSumToOneAndChangesNoLogit(GptConfig config) {
        Gpt gpt = model(config);
        long[] ids = {3, 1, 4, 1, 5};
        List<float[]> patterns = new ArrayList<>();
        Probe probe = new Probe() {
            @Override
            public void attention(int layer, NDArray pattern) {
                patterns.add(pattern.toFloatArray());
            }
        };
        float[] seen = gpt.forward(manager.create(ids, new Shape(1, 5)), Mode.EVAL, probe).toFloatArray();
        assertArrayEquals(logits(gpt, ids), seen, 1e-5f);
        assertEquals(config.nLayer(), patterns.size());
        for (float[] pattern : patterns) {
            for (int row = 0; row < config.attention().nHead() * 5; row++) {
                double sum = 0;
                for (int key = 0; key < 5; key++) {
                    float p = pattern[row * 5 + key];
                    assertTrue(key <= row % 5 || p == 0, "nothing above the diagonal");
                    sum += p;
                }
                assertEquals(1, sum, 1e-5);
            }
        }
    }

    @Test
    void oneBatchCanBeLearnedByHeart() {
        Gpt gpt = model(gpt2());
        NDArray ids = manager.create(new long[] {1, 5, 2, 9, 16, 0, 7, 7}, new Shape(2, 4));
        NDArray targets = manager.create(new long[] {5, 2, 9, 16, 0, 3, 8, 1}, new Shape(2, 4));
        List<NDArray> parameters = gpt.parameters().arrays();
        parameters.forEach(p -> p.setRequiresGradient(true));
        AdamW adam = new AdamW(new AdamWConfig(0.9, 0.99, 1e-8, 0, 1), gpt.parameters().asMap(), manager);
        float loss = Float.NaN;
        for (int step = 0; step < 60; step++) {
            try (NDManager scope = manager.newSubManager(); Autograd on = Autograd.recording()) {
                NDArray nll = gpt.loss(ids, targets, Mode.TRAIN);
                nll.attach(scope);
                NDList gradients = Kernels.gradients(nll, parameters);
                loss = nll.getFloat();
                adam.update(gradients, 1e-2, 1);
            }
        }
        assertTrue(loss < 0.05, "loss " + loss);
    }

    @Test
    void aPassWithoutGradientsLeavesNoMoreArraysForMoreBlocks() {
        assertEquals(arraysAfterAPass(2), arraysAfterAPass(6));
    }

    private int arraysAfterAPass(int layers) {
        Gpt gpt = model(GptOptions.DEFAULT.with(o -> o.nLayer(layers).nEmbd(16).contextLength(12)).over(17));
        try (NDManager scope = manager.newSubManager()) {
            gpt.forward(scope.create(new long[] {1, 2, 3}, new Shape(1, 3)), Mode.EVAL, Probe.NONE);
            return scope.getManagedArrays().size();
        }
    }

    @Test
    void moreTokensThanTheContextAreRefused() {
        Gpt gpt = model(gpt2());
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> logits(gpt, new long[13]));
        assertEquals("13 tokens do not fit a context of 12", e.getMessage());
    }

    @Test
    void rotaryPairsAreHalfSplit() {
        RotaryTable table = RotaryTable.of(manager, RopeConfig.DEFAULT, 2, 4);
        float[] turned = Kernels.rope(manager.create(new float[] {1, 2, 3, 4}, new Shape(1, 1, 1, 4)), table.cos(), table.sin(), 1)
            .toFloatArray();
        assertArrayEquals(new float[] {-1.98411f, 1.95990f, 2.46238f, 4.01980f}, turned, 1e-5f);
    }
}
