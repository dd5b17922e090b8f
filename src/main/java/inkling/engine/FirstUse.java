package inkling.engine;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;

/**
 * Uses MKL's vector and matrix functions once, on one thread, before any thread can compute. At its first use a library detects the
 * processor, and MKL's vector functions take no lock for that. If two threads made that first use at the same time, one of them might get
 * the function for another processor. Its results would be exact to about four digits instead of seven (docs/decisions/0010).
 */
final class FirstUse {
    private FirstUse() {}

    /** Computes one exp by MKL's vector functions and one product by its matrix functions, both too small to take time. */
    static void ofLibraries() {
        try (NDManager scope = NDManager.newBaseManager(Device.cpu())) {
            NDArray numbers = scope.ones(new Shape(16, 16), DataType.FLOAT32);
            numbers.exp().matMul(numbers).getFloat(0, 0);
        }
    }
}
