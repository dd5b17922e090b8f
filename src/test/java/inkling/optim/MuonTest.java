package inkling.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import inkling.engine.Devices;
import inkling.errors.ConfigException;
import inkling.reference.ReferenceAdamW;
import inkling.reference.ReferenceMuon;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MuonTest {
    private static final MuonConfig CONFIG = new MuonConfig(0.95, 0.25, 0.9, 0.95, 1e-8, 0.1, 1.0);
    /**
     * Wide, tall and square matrices, two of them of one shape, so that they are computed as a batch; and parameters that AdamW updates.
     */
    private static final Map<String, Shape> SHAPES = shapes();
    private static final List<String> MATRICES = List.of("h.0.attn.c_attn.weight", "h.0.attn.c_proj.weight", "h.0.mlp.c_proj.weight",
        "h.1.attn.c_attn.weight");
    private static final List<String> OTHERS = List.of("wte.weight", "h.0.attn.c_attn.bias");

    private final NDManager manager = Devices.manager(Device.cpu());

    @AfterEach
    void free() {
        manager.close();
    }

    private static Map<String, Shape> shapes() {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        shapes.put("wte.weight", new Shape(9, 8));
        shapes.put("h.0.attn.c_attn.weight", new Shape(8, 24));
        shapes.put("h.0.attn.c_attn.bias", new Shape(24));
        shapes.put("h.0.attn.c_proj.weight", new Shape(8, 8));
        shapes.put("h.0.mlp.c_proj.weight", new Shape(20, 8));
        shapes.put("h.1.attn.c_attn.weight", new Shape(8, 24));
        return shapes;
    }

    private static Map<String, double[]> draw(Random random) {
        Map<String, double[]> values = new LinkedHashMap<>();
        SHAPES.forEach((name, shape) -> {
            double[] array = new double[(int) shape.size()];
            Arrays.setAll(array, i -> (float) random.nextGaussian());
            values.put(name, array);
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
            arrays.put(name, manager.create(floats, SHAPES.get(name)));
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
        try (Muon optimizer = new Muon(CONFIG, parameters, MATRICES::contains, manager)) {
            for (int step = 0; step < 10; step++) {
                Map<String, double[]> gradients = draw(random);
                List<NDArray> g = list(gradients);
                double divisor = step % 2 == 0 ? 1 : 7.5;
                gradients.values().forEach(values -> Arrays.setAll(values, i -> values[i] / divisor));
                double rate = 0.05 / (step + 1);
                for (String name : MATRICES) {
                    muon.update(name, expected.get(name), gradients.get(name), (int) SHAPES.get(name).get(0),
                        (int) SHAPES.get(name).get(1), rate);
                }
                adamW.update(only(expected, OTHERS), only(gradients, OTHERS), rate * CONFIG.adamwShare(), Set.of("wte.weight"));
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
        try (Muon uninterrupted = new Muon(CONFIG, whole, MATRICES::contains, manager);
             Muon before = new Muon(CONFIG, parts, MATRICES::contains, manager);
             Muon after = new Muon(CONFIG, parts, MATRICES::contains, manager)) {
            gradients.forEach(g -> uninterrupted.update(list(g), 1e-2, 1));
            before.update(list(gradients.get(0)), 1e-2, 1);
            after.load(before.state(), before.updates());
            gradients.subList(1, 3).forEach(g -> after.update(list(g), 1e-2, 1));
            whole.forEach((name, p) -> assertArrayEquals(p.toFloatArray(), parts.get(name).toFloatArray(), name));
            assertEquals(3, after.updates());
        }
    }

    @Test
    void thousandsOfDistinctLearningRatesWorkAndLeaveNothingBehind() {
        Map<String, double[]> start = draw(new Random(7));
        Map<String, NDArray> parameters = arrays(start);
        List<NDArray> gradients = list(draw(new Random(8)));
        try (Muon optimizer = new Muon(CONFIG, parameters, MATRICES::contains, manager)) {
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
