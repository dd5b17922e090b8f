package inkling.engine;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.JniUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;

/**
 * The compiled kernels, which are called by name. Each call converts its arguments to typed values of libtorch, and frees these values when
 * it ends. Only the value of a {@link KernelList} serves many calls, and no kernel changes that list. So several threads may call
 * kernels at the same time. They may pass the same arrays, except arrays that a kernel changes.
 *
 * <p>The types in Java and in TorchScript:
 * <ul>
 * <li>an {@code NDArray} is a {@code Tensor}
 * <li>a {@code List} of {@code NDArray}s, or a {@link KernelList}, is a {@code List[Tensor]}
 * <li>a {@code Double} is a {@code float}
 * <li>an {@code Integer} is an {@code int}, an {@code int[]} is a {@code List[int]}
 * <li>a {@code Boolean} is a {@code bool}, a {@code String} is a {@code str}
 * </ul>
 * Arguments at the end that have a default may be left out. Results join the manager of the first array that is an
 * argument or in a {@code List}; arrays in a {@link KernelList} do not count.
 */
final class KernelModule {
    /**
     * Makes libtorch run kernels as they are written. By default libtorch profiles the first runs of a kernel, then specialises the kernel,
     * and repeats both for each new shape. Specialised kernels also store some gradients in column order (docs/decisions/0006). Each thread
     * has its own setting.
     */
    private static final ThreadLocal<Boolean> AS_WRITTEN = ThreadLocal.withInitial(() -> {
        JniUtils.setGraphExecutorOptimize(false);
        return true;
    });

    private final PtSymbolBlock block;
    private final KernelSources sources;

    private KernelModule(PtSymbolBlock block, KernelSources sources) {
        this.block = block;
        this.sources = sources;
    }

    /** Loads all kernels, with oneDNN's matrix product if this build of libtorch has oneDNN, else with the plain one. */
    static KernelModule load(NDManager manager) {
        return load(manager, KernelSources.shipped(hasOneDnn(manager) ? KernelSources.PRODUCT_ONEDNN : KernelSources.PRODUCT_PLAIN));
    }

    /** @throws IllegalStateException if libtorch cannot compile the sources; the message has file, line and libtorch's reason */
    static KernelModule load(NDManager manager, KernelSources sources) {
        try {
            return new KernelModule(compile(manager, sources), sources);
        } catch (EngineException e) {
            String place = sources.placesIn(e.getMessage()).stream().findFirst().orElse("kernels");
            throw new IllegalStateException(place + ": " + sources.located(e.getMessage()), e);
        }
    }

    /** Whether libtorch was built with oneDNN. Builds for Apple's processors, for example, lack oneDNN and its operators. */
    private static boolean hasOneDnn(NDManager manager) {
        return knows(manager, KernelSources.Source.shipped(KernelSources.PRODUCT_ONEDNN));
    }

    /** Whether libtorch has every operator that {@code probe} uses. */
    static boolean knows(NDManager manager, KernelSources.Source probe) {
        try {
            compile(manager, new KernelSources(List.of(probe))).close();
            return true;
        } catch (EngineException e) {
            if (e.getMessage().contains("Unknown builtin op")) {
                return false;
            }
            throw e;
        }
    }

    private static PtSymbolBlock compile(NDManager manager, KernelSources sources) {
        try {
            byte[] archive = TorchScriptArchive.of(sources.code());
            return JniUtils.loadModule((PtNDManager) manager, new ByteArrayInputStream(archive), false, false);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Calls a kernel whose result is an array. */
    NDArray array(String kernel, Object... arguments) {
        try (IValue result = call(kernel, arguments)) {
            return result.toTensor(firstManager(arguments));
        }
    }

    /** Calls a kernel whose result is a list of arrays. */
    NDList arrays(String kernel, Object... arguments) {
        try (IValue result = call(kernel, arguments)) {
            return new NDList(result.toTensorArray(firstManager(arguments)));
        }
    }

    /** Calls a kernel that has no result. */
    void run(String kernel, Object... arguments) {
        call(kernel, arguments).close();
    }

    private IValue call(String kernel, Object... arguments) {
        AS_WRITTEN.get();
        IValue[] values = new IValue[arguments.length];
        try {
            long[] handles = new long[arguments.length];
            for (int i = 0; i < arguments.length; i++) {
                if (arguments[i] instanceof KernelList list) {
                    handles[i] = list.handle();
                } else {
                    values[i] = value(arguments[i]);
                    handles[i] = values[i].getHandle();
                }
            }
            return NativeMethods.run(block, kernel, handles);
        } catch (EngineException e) {
            List<String> places = sources.placesIn(e.getMessage());
            String where = places.isEmpty() ? "" : ", " + places.get(places.size() - 1);
            throw new EngineException("kernel %s%s: %s".formatted(kernel, where, sources.located(e.getMessage())), e);
        } finally {
            for (IValue value : values) {
                if (value != null) {
                    value.close();
                }
            }
        }
    }

    private static IValue value(Object argument) {
        if (argument instanceof PtNDArray array) {
            return IValue.from(array);
        } else if (argument instanceof List<?> list) {
            return IValue.listFrom(list.toArray(new PtNDArray[0]));
        } else if (argument instanceof int[] numbers) {
            return IValue.listFrom(Arrays.stream(numbers).asLongStream().toArray());
        } else if (argument instanceof Double number) {
            return IValue.from(number.doubleValue());
        } else if (argument instanceof Integer number) {
            return IValue.from(number.longValue());
        } else if (argument instanceof Boolean flag) {
            return IValue.from(flag.booleanValue());
        } else if (argument instanceof String text) {
            return IValue.from(text);
        }
        throw new IllegalArgumentException("a kernel takes no " + argument.getClass().getName());
    }

    private static PtNDManager firstManager(Object... arguments) {
        for (Object argument : arguments) {
            if (argument instanceof PtNDArray array) {
                return array.getManager();
            } else if (argument instanceof List<?> list && !list.isEmpty()) {
                return ((PtNDArray) list.get(0)).getManager();
            }
        }
        throw new IllegalArgumentException("a result lives where the first array does, and there is none");
    }
}
