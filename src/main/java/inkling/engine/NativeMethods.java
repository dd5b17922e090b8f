package inkling.engine;

import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/**
 * Calls the one native method of DJL that Inkling needs and DJL does not publish. DJL's public {@code IValueUtils.runMethod} also calls a
 * TorchScript method with typed arguments. But it always turns off the recording for gradients.
 */
final class NativeMethods {
    private static final MethodHandle RUN;   // (module, method, arguments, may record, own CUDA stream) → result
    private static final MethodHandle VALUE; // (handle) → IValue

    static {
        try {
            Class<?> library = Class.forName("ai.djl.pytorch.jni.PyTorchLibrary");
            MethodHandles.Lookup lookup = MethodHandles.privateLookupIn(library, MethodHandles.lookup());
            MethodType run = MethodType.methodType(long.class, long.class, String.class, long[].class, boolean.class, boolean.class);
            RUN = lookup.findVirtual(library, "moduleRunMethod", run)
                .bindTo(lookup.findStaticGetter(library, "LIB", library).invoke());
            VALUE = lookup.findConstructor(IValue.class, MethodType.methodType(void.class, long.class));
        } catch (Throwable e) {
            throw new IllegalStateException("this version of DJL's PyTorch engine calls TorchScript in another way", e);
        }
    }

    private NativeMethods() {}

    /**
     * Runs a module's method. libtorch records its operations for gradients if the calling thread records.
     *
     * @param arguments handles of {@code IValue}s; the caller closes these values
     * @return the result, for the caller to close
     * @throws ai.djl.engine.EngineException if the method fails
     */
    static IValue run(PtSymbolBlock module, String method, long... arguments) {
        try {
            long result = (long) RUN.invokeExact(module.getHandle().longValue(), method, arguments, true, false);
            return (IValue) VALUE.invokeExact(result);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }
}
