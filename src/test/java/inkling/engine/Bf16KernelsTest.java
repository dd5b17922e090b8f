package inkling.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Products of factors in bfloat16. */
class Bf16KernelsTest {
    private final NDManager manager = Devices.manager(Device.cpu());

    @AfterEach
    void free() {
        manager.close();
    }

    private NDArray random(long... shape) {
        return manager.randomNormal(0, 1, new Shape(shape), DataType.FLOAT32);
    }

    /** x rounded to bfloat16 and read back. */
    private static NDArray rounded(NDArray x) {
        return Kernels.bf16(x).toType(DataType.FLOAT32, false);
    }

    @Test
    void factorsAreRoundedToTheNearestWith8BitsAndBiasesAreNot() {
        assertArrayEquals(new float[] {1, 1.0078125f, -3.140625f, 0}, rounded(manager.create(new float[] {1.001f, 1.007f, -3.14159f, 0}))
            .toFloatArray());
        NDArray one = manager.create(new float[] {1.001f}, new Shape(1, 1));
        NDArray bias = manager.create(new float[] {0.001f});
        assertEquals(1.001f, Kernels.linear(one, Kernels.bf16(one), bias).getFloat(0, 0));
    }

    @Test
    void aProductIsThatOfTheRoundedFactors() {
        NDArray x = random(7, 24);
        NDArray w = random(24, 10);
        NDArray expected = rounded(x).matMul(rounded(w));
        NDArray found = Kernels.linear(x, Kernels.bf16(w));
        assertEquals(DataType.FLOAT32, found.getDataType());
        float largest = expected.abs().max().getFloat();
        assertArrayEquals(expected.toFloatArray(), found.toFloatArray(), largest / 256);
        assertEquals(found, Kernels.unembed(x, Kernels.bf16(w.transpose())));
    }

    @Test
    void copiesFollowTheirMatricesWhenTheyAreRefreshed() {
        NDArray w = random(5, 4);
        NDArray copy = Kernels.bf16Copies(List.of(w)).get(0);
        NDArray before = copy.toType(DataType.FLOAT32, true);
        w.muli(3);
        assertEquals(before, copy.toType(DataType.FLOAT32, true));
        UpdateKernels.copyAll(List.of(copy), List.of(w));
        assertNotEquals(before, copy.toType(DataType.FLOAT32, true));
        assertEquals(rounded(w), copy.toType(DataType.FLOAT32, true));
    }

    /** {@code attention} takes bfloat16 on every device. {@code attentionBf16} uses this on CUDA alone: on a CPU it would be slow. */
    @Test
    void attentionTakesQueriesKeysAndValuesInBfloat16() {
        NDArray q = random(2, 3, 9, 8);
        NDArray k = random(2, 3, 9, 8);
        NDArray v = random(2, 3, 9, 8);
        for (Kernels.Scores scores : List.of(Kernels.Scores.ALL, new Kernels.Scores(4, Double.POSITIVE_INFINITY),
            new Kernels.Scores(9, 5))) {
            float[] exact = Kernels.attention(q, k, v, scores, 0).toFloatArray();
            NDArray found = Kernels.attention(Kernels.bf16(q), Kernels.bf16(k), Kernels.bf16(v), scores, 0);
            assertArrayEquals(exact, found.toType(DataType.FLOAT32, false).toFloatArray(), 0.06f, scores.toString());
            assertArrayEquals(exact, Kernels.attentionBf16(q, k, v, scores, 0).toFloatArray(), "on a CPU, attentionBf16 keeps float32");
        }
    }
}
