package inkling.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import inkling.engine.Autograd;
import inkling.engine.Devices;
import inkling.engine.Kernels;
import inkling.engine.Seeds;
import inkling.engine.UpdateKernels;
import inkling.errors.ConfigException;
import inkling.model.config.GptConfig;
import inkling.model.config.GptOptions;
import inkling.model.grad.LossGradients;
import inkling.reference.OptionMatrix;
import inkling.train.FinetuneConfig;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LoraTest {
    private static final GptConfig MODEL = GptOptions.DEFAULT.with(o -> o.nLayer(2).nHead(2).nEmbd(8).nInner(16).contextLength(6))
        .over(13);
    private static final Lora ALL = new Lora(new LoraConfig(3, 6, 0, List.of("attn.c_attn", "attn.c_proj", "mlp.c_fc", "mlp.c_proj")));

    private final NDManager manager = Devices.manager(Device.cpu());

    @AfterEach
    void free() {
        manager.close();
    }

    private Gpt adapted(Lora lora) {
        return adapted(lora, MODEL);
    }

    private Gpt adapted(Lora lora, GptConfig model) {
        Parameters parameters = GptWeights.initialise(model, manager.newSubManager(), 3);
        lora.addTo(parameters, model, 4);
        return new Gpt(model, parameters, Optional.of(lora));
    }

    /** Makes B nonzero, as training leaves it. */
    private void fillB(Gpt gpt) {
        gpt.parameters().asMap().forEach((name, array) -> {
            if (name.endsWith("lora_B.weight")) {
                Seeds.seedEngine(name.hashCode());
                try (NDArray values = manager.randomNormal(0, 0.3f, array.getShape(), DataType.FLOAT32)) {
                    UpdateKernels.copyAll(List.of(array), List.of(values));
                }
            }
        });
    }

    private NDArray ids() {
        return manager.create(new long[] {1, 5, 12, 0, 3, 3, 7, 2, 9, 4, 4, 11}, new Shape(2, 6));
    }

    private float[] logits(Gpt gpt, Mode mode) {
        Seeds.seedEngine(9);
        return gpt.forward(ids(), mode, Probe.NONE).toFloatArray();
    }

    @Test
    void aNewAdapterChangesNoBitOfTheLogits() {
        try (Gpt base = Gpt.initialise(MODEL, manager, 3); Gpt adapted = adapted(ALL)) {
            assertTrue(Arrays.equals(logits(base, Mode.EVAL), logits(adapted, Mode.EVAL)));
            fillB(adapted);
            assertFalse(Arrays.equals(logits(base, Mode.EVAL), logits(adapted, Mode.EVAL)), "a filled adapter must change the logits");
        }
    }

    @Test
    void mergedWeightsGiveTheAdaptersLogits() {
        try (Gpt adapted = adapted(ALL)) {
            fillB(adapted);
            try (Gpt merged = ALL.merged(adapted, manager)) {
                assertTrue(merged.lora().isEmpty());
                assertEquals(GptLayout.of(MODEL).names(), merged.parameters().names());
                assertArrayEquals(logits(adapted, Mode.EVAL), logits(merged, Mode.EVAL), 1e-5f);
            }
        }
    }

    /** Autograd reads in the backward pass what it kept in the forward pass. Java must not free any of this memory in between. */
    @Tag("thorough")
    @Test
    void aGarbageCollectionBetweenForwardAndBackwardChangesNoGradient() {
        try (Gpt gpt = adapted(ALL)) {
            fillB(gpt);
            List<NDArray> adapters = gpt.parameters().names().stream().filter(name -> name.contains(".lora_"))
                .map(gpt.parameters()::get).toList();
            adapters.forEach(array -> array.setRequiresGradient(true));
            float[] undisturbed = gradients(gpt, adapters, () -> { });
            for (int round = 0; round < 10; round++) {
                assertArrayEquals(undisturbed, gradients(gpt, adapters, LoraTest::collectGarbage), "round " + round);
            }
        }
    }

    private float[] gradients(Gpt gpt, List<NDArray> parameters, Runnable between) {
        NDArray loss;
        try (Autograd on = Autograd.recording()) {
            loss = gpt.loss(ids(), ids(), Mode.TRAIN);
        }
        between.run();
        float[][] all = Kernels.gradients(loss, parameters).stream().map(NDArray::toFloatArray).toArray(float[][]::new);
        float[] flat = new float[Arrays.stream(all).mapToInt(gradient -> gradient.length).sum()];
        int at = 0;
        for (float[] gradient : all) {
            System.arraycopy(gradient, 0, flat, at, gradient.length);
            at += gradient.length;
        }
        return flat;
    }

    /** Frees Java's unreachable buffers, then makes new ones, which get and overwrite some of the freed memory. */
    private static void collectGarbage() {
        System.gc();
        for (int i = 0; i < 1000; i++) {
            ByteBuffer.allocateDirect(Double.BYTES).putDouble(-1e3);
        }
    }

    @Test
    void headsThatAreTogetherWiderThanTheModelAreAdaptedAndMergedToo() {
        GptConfig model = GptOptions.of(MODEL).with(o -> o.headSize(6).nKvHead(1).qkvBias(false)).over(13);
        try (Gpt adapted = adapted(ALL, model)) {
            fillB(adapted);
            assertEquals(new Shape(24, 3), adapted.parameters().shape("h.0.attn.c_attn.lora_B.weight"));
            try (Gpt merged = ALL.merged(adapted, manager)) {
                assertArrayEquals(logits(adapted, Mode.EVAL), logits(merged, Mode.EVAL), 1e-5f);
            }
        }
    }

    /** The families have norms in other places, norms of queries and keys, an MLP beside attention, or caps. */
    @ParameterizedTest
    @ValueSource(strings = {"olmo2", "gemma2", "gemma3", "stablelm12b", "neox"})
    void otherFamiliesAreAdaptedAndMergedToo(String family) {
        GptConfig model = OptionMatrix.named().get(family).with(c -> c.vocabSize(13));
        try (Gpt base = Gpt.initialise(model, manager, 3); Gpt adapted = adapted(ALL, model)) {
            assertArrayEquals(logits(base, Mode.EVAL), logits(adapted, Mode.EVAL), "a new adapter changes nothing");
            fillB(adapted);
            assertFalse(Arrays.equals(logits(base, Mode.EVAL), logits(adapted, Mode.EVAL)));
            try (Gpt merged = ALL.merged(adapted, manager)) {
                assertArrayEquals(logits(merged, Mode.EVAL), logits(adapted, Mode.EVAL), 1e-5f);
            }
        }
    }

    @Test
    void gradientsOfAAndBMatchFiniteDifferences() {
        try (Gpt gpt = adapted(ALL)) {
            fillB(gpt);
            List<String> names = new FinetuneConfig(List.of(), Optional.of(ALL.config()), Optional.empty()).trainable(gpt.layout());
            assertEquals(2 * 2 * 4, names.size());
            NDArray targets = manager.create(new long[] {5, 12, 0, 3, -1, 1, 2, 9, 4, 4, 11, 6}, new Shape(2, 6));
            List<NDArray> gradients = new LossGradients(gpt, names, false).of(ids(), targets, 1.0 / 11, 1).gradients();
            for (int i = 0; i < names.size(); i++) {
                float[] gradient = gradients.get(i).toFloatArray();
                int at = (7 * i) % gradient.length;
                String name = names.get(i);
                double h = 2e-2;   // five-point rule: the error that remains is the rounding of float32
                double numeric = (8 * (lossWith(gpt, name, at, h, targets) - lossWith(gpt, name, at, -h, targets))
                    - lossWith(gpt, name, at, 2 * h, targets) + lossWith(gpt, name, at, -2 * h, targets)) / (12 * h);
                assertEquals(numeric, gradient[at], 5e-5 + 5e-3 * Math.abs(numeric), name);
            }
        }
    }

    private double lossWith(Gpt gpt, String name, int at, double change, NDArray targets) {
        NDArray array = gpt.parameters().get(name);
        float[] before = array.toFloatArray();
        float[] moved = before.clone();
        moved[at] += (float) change;
        try (NDArray there = manager.create(moved, array.getShape());
             NDArray back = manager.create(before, array.getShape())) {
            UpdateKernels.copyAll(List.of(array), List.of(there));
            double loss = gpt.loss(ids(), targets, Mode.EVAL).getFloat();
            UpdateKernels.copyAll(List.of(array), List.of(back));
            return loss;
        }
    }

    @Test
    void dropoutOfTheAdapterActsInTrainingAlone() {
        Lora dropping = new Lora(new LoraConfig(3, 6, 0.5, List.of("attn.c_attn")));
        try (Gpt with = adapted(dropping); Gpt without = adapted(new Lora(new LoraConfig(3, 6, 0, List.of("attn.c_attn"))))) {
            fillB(with);
            fillB(without);
            assertTrue(Arrays.equals(logits(with, Mode.EVAL), logits(without, Mode.EVAL)));
            assertFalse(Arrays.equals(logits(with, Mode.TRAIN), logits(without, Mode.TRAIN)));
        }
    }

    @Test
    void freezingTakesPatternsAndFirstPartsOfNames() {
        GptLayout layout = GptLayout.of(MODEL);
        assertEquals(layout.names(), FinetuneConfig.NONE.trainable(layout));
        List<String> left = new FinetuneConfig(List.of("wte", "h.0", "*.bias"), Optional.empty(), Optional.empty()).trainable(layout);
        assertTrue(left.contains("wpe.weight") && left.contains("h.1.attn.c_attn.weight"), left.toString());
        assertTrue(left.stream().noneMatch(n -> n.startsWith("h.0.") || n.startsWith("wte") || n.endsWith(".bias")), left.toString());
        assertThrowsSaying("\"h.7\" matches no weight", new FinetuneConfig(List.of("h.7"), Optional.empty(), Optional.empty()), layout);
        assertThrowsSaying("\"w\" matches no weight", new FinetuneConfig(List.of("w"), Optional.empty(), Optional.empty()), layout);
        assertThrowsSaying("leaves nothing to train", new FinetuneConfig(List.of("*"), Optional.empty(), Optional.empty()), layout);
    }

    private static void assertThrowsSaying(String part, FinetuneConfig finetune, GptLayout layout) {
        ConfigException e = assertThrows(ConfigException.class, () -> finetune.trainable(layout));
        assertTrue(e.getMessage().contains(part), e.getMessage());
    }

    @Test
    void aTargetMayBeTheWeightOfOneBlock() {
        Lora one = new Lora(new LoraConfig(3, 6, 0, List.of("h.1.attn.c_attn", "mlp.c_fc", "h.0.mlp.c_fc")));
        assertEquals(List.of("h.0.mlp.c_fc.lora_A.weight", "h.0.mlp.c_fc.lora_B.weight", "h.1.attn.c_attn.lora_A.weight",
            "h.1.attn.c_attn.lora_B.weight", "h.1.mlp.c_fc.lora_A.weight", "h.1.mlp.c_fc.lora_B.weight"),
            one.specs(MODEL).stream().map(ParameterSpec::name).toList());
        try (Gpt adapted = adapted(one)) {
            fillB(adapted);
            try (Gpt merged = one.merged(adapted, manager)) {
                assertArrayEquals(logits(adapted, Mode.EVAL), logits(merged, Mode.EVAL), 1e-5f);
            }
        }
        Lora beyond = new Lora(new LoraConfig(3, 6, 0, List.of("h.2.mlp.c_fc")));
        ConfigException e = assertThrows(ConfigException.class, () -> beyond.specs(MODEL));
        assertTrue(e.getMessage().contains("h.2.mlp.c_fc is no weight of this model: it has n_layer = 2 blocks"), e.getMessage());
        assertThrows(ConfigException.class, () -> new LoraConfig(3, 6, 0, List.of("h.01.mlp.c_fc")));
    }

    @Test
    void aTargetThatTheArchitectureLacksIsNamed() {
        Lora gate = new Lora(new LoraConfig(2, 2, 0, List.of("mlp.c_gate")));
        ConfigException e = assertThrows(ConfigException.class, () -> gate.specs(MODEL));
        assertTrue(e.getMessage().contains("mlp.c_gate is no weight of this model: its MLP has no gate with activation = gelu_tanh"),
            e.getMessage());
    }
}
