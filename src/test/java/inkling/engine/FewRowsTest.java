package inkling.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The product of one row and a linear layer's matrix, as in a decode step, takes another kernel than that of several rows
 * ({@code rows_times} in nn.py). Rows have the same results in products of one, of a few and of many rows, up to rounding.
 */
class FewRowsTest {
    private final NDManager manager = Devices.manager(Device.cpu());
    private final NDArray rows = normal(12, 1, 48);
    private final NDArray row = rows.get("0:1");
    private final NDArray w = normal(48, 80);
    private final NDArray b = normal(80);
    private final NDArray table = normal(96, 48);

    @AfterEach
    void free() {
        manager.close();
    }

    private NDArray normal(long... shape) {
        return manager.randomNormal(0, 1, new Shape(shape), DataType.FLOAT32);
    }

    private static float[] first(int count, NDArray y) {
        return y.get("0:" + count).toFloatArray();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 8})
    void fewRowsEqualThoseRowsOfAProductOfMany(int few) {
        NDArray x = rows.get("0:" + few);
        assertArrayEquals(first(few, Kernels.linear(rows, w, b)), Kernels.linear(x, w, b).toFloatArray(), 1e-5f);
        assertArrayEquals(first(few, Kernels.linear(rows, w)), Kernels.linear(x, w).toFloatArray(), 1e-5f);
        assertArrayEquals(first(few, Kernels.unembed(rows, table)), Kernels.unembed(x, table).toFloatArray(), 1e-5f);
        NDArray odd = w.get("0:44");
        assertArrayEquals(first(few, Kernels.linear(rows.get(":, :, 0:44"), odd)), Kernels.linear(x.get(":, :, 0:44"), odd)
            .toFloatArray(), 1e-5f);
    }

    @Test
    void stripsHoldTheColumnsAndTheLastIsFilledUp() {
        NDArray strips = DecodeKernel.inStrips(w);
        assertEquals(new Shape(3, 48, 32), strips.getShape());
        assertEquals(w.get(":, 32:64"), strips.get(1));
        assertEquals(w.get(":, 64:"), strips.get("2, :, :16"));
        assertEquals(manager.zeros(new Shape(48, 16)), strips.get("2, :, 16:"));
        assertEquals(DecodeKernel.inStrips(w.get(":, :64").duplicate()), strips.get("0:2"));
    }

    @ParameterizedTest
    @ValueSource(ints = {65, 96})
    void logitsByStripsAreThoseOfTheTable(int vocabulary) {
        NDArray some = table.get("0:" + vocabulary);
        NDArray logits = DecodeKernel.unembed(rows, DecodeKernel.inStrips(some.transpose()), vocabulary);
        assertEquals(new Shape(12, 1, vocabulary), logits.getShape());
        assertArrayEquals(Kernels.unembed(rows, some).toFloatArray(), logits.toFloatArray(), 1e-5f);
    }

    @Test
    void theProductOfFewRowsHasGradientsWhenRecorded() {
        w.setRequiresGradient(true);
        try (Autograd on = Autograd.recording()) {
            NDList gradients = Kernels.gradients(Kernels.linear(row, w, b).sum(), List.of(w));
            assertEquals(row.getFloat(0, 0, 7), gradients.get(0).getFloat(7, 79), 1e-6f);
        }
    }

    @Test
    void aLibraryWithoutOneDnnGetsTheSameNumbers() {
        KernelModule module = KernelModule.load(manager, KernelSources.shipped(KernelSources.PRODUCT_PLAIN));
        assertArrayEquals(Kernels.unembed(row, table).toFloatArray(), module.array("unembed", row, table).toFloatArray(), 1e-5f);
        assertArrayEquals(Kernels.linear(rows, w, b).toFloatArray(), module.array("linear", rows, w, b).toFloatArray(), 1e-5f);
    }
}
