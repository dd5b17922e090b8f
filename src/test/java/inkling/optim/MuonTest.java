package inkling.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import inkling.engine.Devices;
import inkling.errors.ConfigException;
import inkling.model.GptLayout;
import inkling.model.Lora;
import inkling.model.LoraConfig;
import inkling.model.ParameterSpec;
import inkling.reference.OptionMatrix;
import inkling.reference.ReferenceAdamW;
import inkling.reference.ReferenceMuon;
import inkling.reference.ReferenceMuon.Lies;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("thorough")
class MuonTest {
    private static final MuonConfig CONFIG = new MuonConfig(0.95, 0.25, 0.9, 0.95, 1e-8, 0.1, 1.0);
    /**
     * The matrices are wide, tall and square. Several have the same shape, so they are computed as a batch. Some adapters have
     * the same shape as a linear, but are stored as (out, in) instead of (in, out). AdamW updates the other parameters.
     */
    private static final GptLayout LAYOUT = GptLayout.of(OptionMatrix.named().get("gpt2"),
        Optional.of(new Lora(new LoraConfig(8, 8, 0, List.of("attn.c_attn", "mlp.c_proj")))));
    private static final List<String> OTHERS =
        LAYOUT.specs().stream().filter(spec -> !spec.isMatrixOfABlock()).map(ParameterSpec::name).toList();
    private static final Set<String> TABLES = Set.of("wte.weight", "wpe.weight");

    private final NDManager manager = Devices.manager(Device.cpu());

    @AfterEach
    void free() {
        manager.close();
    }

    private static Map<String, double[]> draw(Random random) {
        Map<String, double[]> values = new LinkedHashMap<>();
        LAYOUT.specs().forEach(spec -> {
            double[] array = new double[(int) spec.shape().size()];
            Arrays.setAll(array, i -> (float) random.nextGaussian());
            values.put(spec.name(), array);
        });
        return values;
    }

    private Map<String, NDArray> arrays(Map<String, double[]> values) {
        Map<String, NDArray> arrays = new LinkedHashMap<>();
        values.forEach((name, v) -> {
            float[] floats = new float[v.length];
            for (int i = 0; i < v.length; i++) {
                floats[i] = (float) v[i];
            }
            arrays.put(name, manager.create(floats, LAYOUT.spec(name).shape()));
        });
        return arrays;
    }

    private List<NDArray> list(Map<String, double[]> values) {
        return List.copyOf(arrays(values).values());
    }

    private static double[] doubles(NDArray array) {
        float[] floats = array.toFloatArray();
        double[] values = new double[floats.length];
        Arrays.setAll(values, i -> floats[i]);
        return values;
    }

    @Test
    void tenUpdatesEqualTheDoublePrecisionReferences() {
        Random random = new Random(5);
        Map<String, double[]> expected = draw(random);
        Map<String, NDArray> parameters = arrays(expected);
        ReferenceMuon muon = new ReferenceMuon(CONFIG.momentum(), CONFIG.weightDecay());
        ReferenceAdamW adamW = new ReferenceAdamW(CONFIG.beta1(), CONFIG.beta2(), CONFIG.eps(), CONFIG.weightDecay());
        try (Muon optimizer = new Muon(CONFIG, parameters, LAYOUT, manager)) {
            for (int step = 0; step < 10; step++) {
                Map<String, double[]> gradients = draw(random);
                List<NDArray> g = list(gradients);
                double divisor = step % 2 == 0 ? 1 : 7.5;
                gradients.values().forEach(values -> Arrays.setAll(values, i -> values[i] / divisor));
                double rate = 0.05 / (step + 1);
                LAYOUT.specs().stream().filter(ParameterSpec::isMatrixOfABlock).forEach(spec -> muon.update(spec.name(),
                    expected.get(spec.name()), gradients.get(spec.name()), (int) spec.shape().get(0), (int) spec.shape().get(1),
                    spec.role() == ParameterSpec.Role.ADAPTER ? Lies.OUT_IN : Lies.IN_OUT, rate));
                adamW.update(only(expected, OTHERS), only(gradients, OTHERS), rate * CONFIG.adamwShare(), TABLES);
                optimizer.update(g, rate, divisor);
                parameters.forEach((name, p) -> assertArrayEquals(expected.get(name), doubles(p), 1e-5, name));
            }
            assertEquals(10, optimizer.updates());
        }
    }

    private static Map<String, double[]> only(Map<String, double[]> values, List<String> names) {
        Map<String, double[]> some = new LinkedHashMap<>();
        names.forEach(name -> some.put(name, values.get(name)));
        return some;
    }

    @Test
    void savedStateContinuesAsIfUninterrupted() {
        Random random = new Random(6);
        Map<String, double[]> start = draw(random);
        List<Map<String, double[]>> gradients = List.of(draw(random), draw(random), draw(random));
        Map<String, NDArray> whole = arrays(start);
        Map<String, NDArray> parts = arrays(start);
        try (Muon uninterrupted = new Muon(CONFIG, whole, LAYOUT, manager);
             Muon before = new Muon(CONFIG, parts, LAYOUT, manager);
             Muon after = new Muon(CONFIG, parts, LAYOUT, manager)) {
            gradients.forEach(g -> uninterrupted.update(list(g), 1e-2, 1));
            before.update(list(gradients.get(0)), 1e-2, 1);
            after.load(before.state(), before.updates());
            gradients.subList(1, 3).forEach(g -> after.update(list(g), 1e-2, 1));
            whole.forEach((name, p) -> assertArrayEquals(p.toFloatArray(), parts.get(name).toFloatArray(), name));
            assertEquals(3, after.updates());
        }
    }

    /** A run that trains adapters trains only matrices of blocks; a run that freezes the blocks trains none of them. */
    @Test
    void savedStateIsLoadedWhereAllParametersOrNoneAreMatricesOfBlocks() {
        Map<String, double[]> start = draw(new Random(9));
        Map<String, double[]> gradients = draw(new Random(10));
        List<String> matrices = LAYOUT.names().stream().filter(name -> !OTHERS.contains(name)).toList();
        for (List<String> names : List.of(matrices, OTHERS)) {
            Map<String, NDArray> parameters = arrays(only(start, names));
            try (Muon before = new Muon(CONFIG, parameters, LAYOUT, manager); Muon after = new Muon(CONFIG, parameters, LAYOUT, manager)) {
                before.update(list(only(gradients, names)), 1e-2, 1);
                after.load(before.state(), before.updates());
                before.state().forEach((name, m) -> assertArrayEquals(m.toFloatArray(), after.state().get(name).toFloatArray(), name));
                assertEquals(1, after.updates());
            }
        }
    }

    @Test
    void manyDistinctLearningRatesLeaveAllWeightsFinite() {
        Map<String, double[]> start = draw(new Random(7));
        Map<String, NDArray> parameters = arrays(start);
        List<NDArray> gradients = list(draw(new Random(8)));
        try (Muon optimizer = new Muon(CONFIG, parameters, LAYOUT, manager)) {
            for (int step = 0; step < 1500; step++) {
                optimizer.update(gradients, 1e-3 / (step + 1), 1 + 1e-6 * step);
            }
        }
        parameters.values().forEach(p -> assertTrue(Float.isFinite(p.sum().getFloat())));
    }

    @Test
    void allBrokenRulesAreToldAtOnce() {
        ConfigException e = assertThrows(ConfigException.class, () -> new MuonConfig(1, 0, 2, 0.95, 1e-8, 0.1, 1));
        assertEquals(List.of("momentum", "adamw_share", "beta1"), e.problems().stream().map(ConfigException.Problem::field).toList());
    }
}
