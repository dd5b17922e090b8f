package inkling.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.Device;
import ai.djl.ndarray.BaseNDManager;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import inkling.engine.Precision.Storage;
import java.lang.reflect.Field;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class MatrixTest {
    private final NDManager manager = Devices.manager(Device.cpu());

    @BeforeEach
    void enter(TestInfo test) {
        ComputeContext.of("cpu").enter();
        Seeds.seedEngine(3);
        assumeTrue(!test.getDisplayName().toLowerCase(Locale.ROOT).contains("int8") || Matrix.addsInt8Exactly(),
            "needs a processor with VNNI");
    }

    @AfterEach
    void free() {
        manager.close();
    }

    private NDArray random(long... shape) {
        return manager.randomNormal(0, 1, new Shape(shape), DataType.FLOAT32);
    }

    /** The matrix in float32 again, as its products with unit vectors. */
    private NDArray again(Matrix matrix) {
        return matrix.linear(manager.eye((int) matrix.shape().get(0)), Optional.empty());
    }

    private static float largest(NDArray x) {
        return x.abs().max().getFloat();
    }

    /** A manager that is not closed stays in its parent for as long as the process lives. */
    @Test
    void theQuestionAboutExactSumsLeavesNothingBehind() throws ReflectiveOperationException {
        Field resources = BaseNDManager.class.getDeclaredField("resources");
        resources.setAccessible(true);
        Map<?, ?> ofParent = (Map<?, ?>) resources.get(manager.getParentManager());
        Matrix.addsInt8Exactly();   // loads the kernels, which stay
        int before = ofParent.size();
        Matrix.addsInt8Exactly();
        assertEquals(before, ofParent.size());
    }

    /** The allowed error is half a step. An output's largest weight is 127 or 126 steps. */
    @Test
    void int8IsWithinHalfAStepOfEachOutput() {
        NDArray w = random(96, 40).mul(random(40).exp()); // outputs of very different sizes
        w.set(new NDIndex(":, 7"), 0f);
        NDArray error = again(Matrix.ofLayer(w, Storage.INT8)).sub(w).abs().max(new int[] {0});
        NDArray largest = w.abs().max(new int[] {0});
        assertTrue(error.lte(largest.mul(0.505 / 126)).all().getBoolean(), "error " + error + " of " + largest);
        assertTrue(largest(error) > 0, "something was rounded");
        assertEquals(0, error.getFloat(7), "an output of zeros stays");
    }

    @Test
    void bf16KeepsEightBits() {
        NDArray w = random(96, 40);
        NDArray error = again(Matrix.ofLayer(w, Storage.BF16)).sub(w).abs();
        assertTrue(error.lte(w.abs().mul(1 / 256.0)).all().getBoolean());
        assertTrue(largest(error) > 0);
    }

    /** Takes one row (a token) to many (a prompt), with and without a bias, and compares with float32 on the same rounded weights. */
    @ParameterizedTest
    @CsvSource({"BF16, 1, 0.02", "BF16, 3, 0.02", "BF16, 16, 0.02", "INT8, 1, 0.02", "INT8, 4, 0.02", "INT8, 5, 0.0005",
        "INT8, 40, 0.0005"})
    void aLayersProductIsThatOfTheRoundedWeights(Storage storage, int rows, double allowed) {
        Matrix matrix = Matrix.ofLayer(random(128, 48), storage);
        NDArray x = random(rows, 1, 128);
        NDArray bias = random(48);
        NDArray rounded = again(matrix);
        NDArray expected = x.matMul(rounded).add(bias);
        float spread = largest(expected);
        assertEquals(new Shape(rows, 1, 48), matrix.linear(x, Optional.of(bias)).getShape());
        assertTrue(largest(matrix.linear(x, Optional.of(bias)).sub(expected)) < allowed * spread);
        assertTrue(largest(matrix.linear(x, Optional.empty()).add(bias).sub(expected)) < allowed * spread);
    }

    @ParameterizedTest
    @EnumSource(names = {"BF16", "INT8"})
    void aTableIsLookedUpAndUnembeds(Storage storage) {
        NDArray table = random(50, 32);
        Matrix matrix = Matrix.ofTable(table, storage);
        assertEquals(table.getShape(), matrix.values().getShape());
        NDArray ids = manager.create(new long[] {4, 9, 9, 0, 49, 7}, new Shape(2, 3));
        NDArray rows = matrix.lookup(ids);
        assertEquals(new Shape(2, 3, 32), rows.getShape());
        assertTrue(largest(rows.sub(Kernels.embedding(ids, table))) < 0.02);
        assertArrayEquals(rows.get(1, 1).toFloatArray(), matrix.lookup(manager.create(new long[] {49}, new Shape(1, 1))).toFloatArray());
        NDArray x = random(2, 1, 32);
        NDArray all = matrix.lookup(manager.arange(50).toType(DataType.INT64, false).reshape(1, 50)).get(0);
        NDArray expected = x.matMul(all.transpose());
        assertTrue(largest(matrix.unembed(x).sub(expected)) < (storage == Storage.INT8 ? 0.0005 : 0.02) * largest(expected));
    }

    @Test
    void aWeightThatIsNoNumberIsSeenInEveryForm() {
        for (float bad : List.of(Float.NaN, Float.POSITIVE_INFINITY)) {
            NDArray w = random(8, 8);
            w.set(new NDIndex("3, 5"), bad);
            for (Storage storage : Storage.values()) {
                boolean finite = true;
                for (float number : Matrix.ofLayer(w, storage).finiteIfThisIs().toFloatArray()) {
                    finite &= Float.isFinite(number);
                }
                assertTrue(!finite, storage + " of " + bad);
            }
        }
    }

    @Test
    void float32IsLeftAsItIs() {
        NDArray w = random(8, 8);
        assertTrue(Matrix.ofLayer(w, Storage.FLOAT32).values() == w && Matrix.ofTable(w, Storage.FLOAT32).values() == w);
    }
}
