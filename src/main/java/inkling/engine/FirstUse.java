package inkling.engine;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;

/**
 * Uses each of libtorch's math libraries once, on one thread, before a second thread starts. At its first use a library detects the
 * processor. MKL's vector functions do so without a lock: if two threads use them first at the same time, one may compute with the function
 * for another processor, exact to three digits instead of seven (docs/decisions/0010).
 */
final class FirstUse {
    private FirstUse() {}

    /** One exp by MKL's vector functions, one product by its matrix functions, both too small to take time. */
    static void ofLibraries() {
        try (NDManager scope = NDManager.newBaseManager(Device.cpu())) {
            NDArray numbers = scope.ones(new Shape(16, 16), DataType.FLOAT32);
            numbers.exp().matMul(numbers).getFloat(0, 0);
        }
    }
}
