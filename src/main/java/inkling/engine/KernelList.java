package inkling.engine;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.IValue;
import java.util.List;
import java.util.UUID;

/**
 * Arrays that a kernel takes as one list again and again, handed to libtorch once: a token's call would spend as much on a list of all
 * weights as on some of its products. Any number of calls may take it at the same time; no kernel changes it.
 */
public final class KernelList {
    private final IValue value;

    private KernelList(IValue value) {
        this.value = value;
    }

    /** The list holds on to the arrays' memory, whatever becomes of the arrays themselves, until {@code manager} is closed. */
    public static KernelList of(List<NDArray> arrays, NDManager manager) {
        IValue value = IValue.listFrom(arrays.toArray(new PtNDArray[0]));
        manager.attachInternal(UUID.randomUUID().toString(), value);
        return new KernelList(value);
    }

    long handle() {
        return value.getHandle();
    }
}
