package inkling.engine;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;

/**
 * What libtorch's libraries of functions find out about the processor when they are first used. MKL's vector functions do so without a
 * lock: of two threads that use them first at the same time, one may compute with the function of another processor, to three digits
 * instead of seven. So one thread uses each library once, before there is a second (docs/decisions/0010).
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
