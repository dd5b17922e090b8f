package inkling.engine;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.IValue;
import java.util.List;
import java.util.UUID;

/**
 * A list of arrays for many kernel calls, converted for libtorch only once. Converting the list of all weights anew at each token would
 * cost as much as some of that token's matrix products. Several calls may use the list at the same time, because no kernel changes the list
 * itself.
 */
public final class KernelList {
    private final IValue value;

    private KernelList(IValue value) {
        this.value = value;
    }

    /** The list keeps the arrays' memory until {@code manager} is closed, even if the arrays are closed earlier. */
    public static KernelList of(List<NDArray> arrays, NDManager manager) {
        IValue value = IValue.listFrom(arrays.toArray(new PtNDArray[0]));
        manager.attachInternal(UUID.randomUUID().toString(), value);
        return new KernelList(value);
    }

    long handle() {
        return value.getHandle();
    }
}
