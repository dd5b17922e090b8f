package inkling.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import inkling.engine.Devices;
import inkling.engine.UpdateKernels;
import inkling.reference.ReferenceAdamW;
import inkling.reference.ReferenceClip;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AdamWTest {
    private static final AdamWConfig CONFIG = new AdamWConfig(0.9, 0.95, 1e-8, 0.1, 1.0);
    private static final Map<String, Shape> SHAPES = shapes();

    private final NDManager manager = Devices.manager(Device.cpu());

    @AfterEach
    void free() {
        manager.close();
    }

    private static Map<String, Shape> shapes() {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        shapes.put("bias", new Shape(7));
        shapes.put("weight", new Shape(7, 11));
        shapes.put("other", new Shape(3, 5));
        return shapes;
    }

    private static Map<String, double[]> draw(Random random, double scale) {
        Map<String, double[]> values = new LinkedHashMap<>();
        SHAPES.forEach((name, shape) -> {
            double[] array = new double[(int) shape.size()];
            Arrays.setAll(array, i -> (float) (scale * random.nextGaussian()));
            values.put(name, array);
        });
        return values;
    }

    private Map<String, NDArray> arrays(Map<String, double[]> values) {
        Map<String, NDArray> arrays = new LinkedHashMap<>();
        values.forEach((name, v) -> arrays.put(name, manager.create(floats(v), SHAPES.get(name))));
        return arrays;
    }

    private static float[] floats(double[] values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            floats[i] = (float) values[i];
        }
        return floats;
    }

    private static double[] doubles(NDArray array) {
        float[] floats = array.toFloatArray();
        double[] values = new double[floats.length];
        Arrays.setAll(values, i -> floats[i]);
        return values;
    }

    /** The gradients have both signs, and norms below and above the limit. */
    @Test
    void tenUpdatesWithClippingEqualTheDoublePrecisionReference() {
        Random random = new Random(5);
        Map<String, double[]> expected = draw(random, 1);
        Map<String, NDArray> parameters = arrays(expected);
        ReferenceAdamW reference = new ReferenceAdamW(CONFIG.beta1(), CONFIG.beta2(), CONFIG.eps(), CONFIG.weightDecay());
        try (AdamW adam = new AdamW(CONFIG, parameters, manager)) {
            for (int step = 0; step < 10; step++) {
                Map<String, double[]> gradients = draw(random, step % 2 == 0 ? 0.01 : 1);
                List<NDArray> g = arrays(gradients).values().stream().toList();
                double norm = UpdateKernels.globalNorm(g).getFloat();
                assertEquals(ReferenceClip.globalNorm(gradients), norm, 1e-6 * norm);
                ReferenceClip.toGlobalNorm(gradients, CONFIG.maxGradNorm());
                double rate = 1e-2 / (step + 1);
                reference.update(expected, gradients, rate, Set.of("weight", "other"));
                adam.update(g, rate, GradientClip.divisor(norm, CONFIG.maxGradNorm()));
                parameters.forEach((name, p) -> assertArrayEquals(expected.get(name), doubles(p), 1e-6, name));
            }
            assertEquals(10, adam.updates());
        }
    }

    /** The engine may give a gradient whose numbers lie in memory column by column. */
    @Test
    void aGradientIsReadByIndexWhateverItsMemoryLayout() {
        Random random = new Random(7);
        Map<String, double[]> start = draw(random, 1);
        Map<String, NDArray> byRows = arrays(start);
        Map<String, NDArray> byColumns = arrays(start);
        List<NDArray> gradients = List.copyOf(arrays(draw(random, 1)).values());
        List<NDArray> turned = gradients.stream()
            .map(g -> g.getShape().dimension() < 2 ? g : g.transpose().reshape(-1).reshape(g.transpose().getShape()).transpose()).toList();
        try (AdamW a = new AdamW(CONFIG, byRows, manager); AdamW b = new AdamW(CONFIG, byColumns, manager)) {
            a.update(gradients, 1e-2, 1);
            b.update(turned, 1e-2, 1);
            byRows.forEach((name, p) -> assertArrayEquals(p.toFloatArray(), byColumns.get(name).toFloatArray(), name));
        }
    }

    @Test
    void savedStateContinuesAsIfUninterrupted() {
        Random random = new Random(6);
        Map<String, double[]> start = draw(random, 1);
        List<Map<String, double[]>> gradients = List.of(draw(random, 1), draw(random, 1), draw(random, 1));
        Map<String, NDArray> whole = arrays(start);
        Map<String, NDArray> parts = arrays(start);
        try (AdamW uninterrupted = new AdamW(CONFIG, whole, manager); AdamW before = new AdamW(CONFIG, parts, manager);
             AdamW after = new AdamW(CONFIG, parts, manager)) {
            gradients.forEach(g -> uninterrupted.update(arrays(g).values().stream().toList(), 1e-2, 1));
            before.update(arrays(gradients.get(0)).values().stream().toList(), 1e-2, 1);
            after.load(before.state(), before.updates());
            gradients.subList(1, 3).forEach(g -> after.update(arrays(g).values().stream().toList(), 1e-2, 1));
            whole.forEach((name, p) -> assertArrayEquals(p.toFloatArray(), parts.get(name).toFloatArray(), name));
        }
    }

    @Test
    void clippingScalesToTheLimitAsPyTorchDoes() {
        assertEquals(3.000001, GradientClip.divisor(3, 1), 1e-12);
        assertEquals(1, GradientClip.divisor(0.5, 1));
        assertEquals(1, GradientClip.divisor(100, 0), "0 turns clipping off");
    }
}
