package inkling.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import inkling.engine.ComputeContext;
import inkling.runfile.ClusterConfig.Deltas;
import inkling.runfile.ClusterConfig.Nesterov;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class OuterStepTest {
    private static final ComputeContext CONTEXT = ComputeContext.of("cpu").withThreads(1);

    private static Map<String, NDArray> weights(NDManager manager, float... numbers) {
        Map<String, NDArray> weights = new LinkedHashMap<>();
        weights.put("w", manager.create(numbers));
        return weights;
    }

    /**
     * Some new weights are near zero although they change by much, and one is a negative zero. Subtracting in 32 bits would give wrong bits
     * here.
     */
    @Test void atRateOneWithoutMomentumTheWeightsAreTheOneWorkersBits() {
        CONTEXT.enter();
        Random random = new Random(7);
        float[] before = new float[10_000];
        float[] worker = new float[before.length];
        for (int i = 0; i < before.length; i++) {
            before[i] = (float) random.nextGaussian();
            worker[i] = (float) (random.nextGaussian() * Math.pow(10, -random.nextInt(30)));
        }
        worker[0] = -0f;
        try (NDManager manager = CONTEXT.manager()) {
            OuterStep outer = new OuterStep(new Nesterov(1, 0), Deltas.FLOAT32, 1, weights(manager, before), manager);
            double[] sum = new double[before.length];
            ChunkBytes.add(Deltas.FLOAT32, ChunkBytes.encode(Deltas.FLOAT32, before, worker), sum);
            sum[0] = -0.0;
            outer.chunk(0, before, sum);
            float[] after = outer.weights().read(0);
            for (int i = 0; i < after.length; i++) {
                assertEquals(Float.floatToRawIntBits(worker[i]), Float.floatToRawIntBits(after[i]), "weight " + i);
            }
        }
    }

    /**
     * Rate 0.5 and momentum 0.5, computed by hand. In the first step δ = 4 − 3 = 1 and v = 1. In the second step δ = 1 again, and
     * v = 0.5 · 1 + 1.
     */
    @Test void twoStepsOfNesterovAreThoseOfTheFormula() {
        CONTEXT.enter();
        try (NDManager manager = CONTEXT.manager()) {
            OuterStep outer = new OuterStep(new Nesterov(0.5, 0.5), Deltas.FLOAT32, 2, weights(manager, 4), manager);
            outer.chunk(0, new float[] {4}, new double[] {2.5 + 3.5});
            assertEquals(4 - 0.5 * (1 + 0.5 * 1), outer.weights().read(0)[0]);
            float second = outer.weights().read(0)[0];
            outer.chunk(0, new float[] {second}, new double[] {2 * (second - 1)});
            assertEquals(second - 0.5 * (1 + 0.5 * 1.5), outer.weights().read(0)[0], 1e-6);
            assertEquals(1.5f, outer.state().get("outer_momentum.w").toFloatArray()[0]);
        }
    }

    @Test void deltasOf16BitsAreTheChangesOfTheWeights() {
        CONTEXT.enter();
        try (NDManager manager = CONTEXT.manager()) {
            OuterStep outer = new OuterStep(new Nesterov(1, 0), Deltas.FLOAT16, 1, weights(manager, 4), manager);
            double[] sum = new double[1];
            ChunkBytes.add(Deltas.FLOAT16, ChunkBytes.encode(Deltas.FLOAT16, new float[] {4}, new float[] {3.5f}), sum);
            outer.chunk(0, new float[] {4}, sum);
            assertEquals(3.5f, outer.weights().read(0)[0]);
        }
    }

    /** Some arrays end within a chunk, and some chunks end within an array. */
    @Test void weightsInChunksAreTheArrays() {
        CONTEXT.enter();
        try (NDManager manager = CONTEXT.manager()) {
            NDArray small = manager.create(new float[] {1, 2, 3});
            NDArray large = manager.arange(Weights.CHUNK + 5).reshape(new Shape(-1, 1)).toType(ai.djl.ndarray.types.DataType.FLOAT32, true);
            Weights weights = new Weights(List.of(small, large, manager.create(new float[] {-1})));
            assertEquals(2, weights.chunks());
            float[][] read = weights.read();
            assertEquals(Weights.CHUNK, read[0].length);
            assertArrayEquals(new float[] {1, 2, 3, 0, 1}, java.util.Arrays.copyOf(read[0], 5));
            assertArrayEquals(new float[] {Weights.CHUNK - 3, Weights.CHUNK - 2, Weights.CHUNK - 1, Weights.CHUNK, Weights.CHUNK + 1,
                Weights.CHUNK + 2, Weights.CHUNK + 3, Weights.CHUNK + 4, -1}, read[1]);
            read[1][0] = 42;
            read[0][1] = 43;
            weights.write(read);
            assertEquals(43, small.toFloatArray()[1]);
            assertEquals(42, large.toFloatArray()[Weights.CHUNK - 3]);
            assertArrayEquals(read[1], weights.read(1));
        }
    }
}
