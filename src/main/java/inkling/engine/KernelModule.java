package inkling.engine;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/** {@code kernels.py}, compiled: what {@link Kernels} calls. Any number of threads may run it at once. */
record KernelModule(PtSymbolBlock block) {
    /**
     * MKL multiplies a few rows (one new token of each sequence) on one thread only. oneDNN takes all threads; a single row
     * times (in, out) is faster as a batch of eight products over an eighth of the inputs each, and faster still in strips (0009).
     * Products of many rows are oneDNN's too where autograd does not record them: docs/decisions/0007 has the figures.
     */
    private static final String ONE_DNN = "ops.mkldnn._linear_pointwise(";
    private static final String WITH_NOTHING_AFTER_IT = ", \"none\", annotate(List[Optional[number]], []), None)";

    /**
     * Kernels run as they are written. The engine's other way, to profile a few runs and specialise, would do so anew for each shape;
     * and gradients then lie by columns. Each thread has to say so for itself.
     */
    private static final ThreadLocal<Boolean> AS_WRITTEN = ThreadLocal.withInitial(() -> {
        JniUtils.setGraphExecutorOptimize(false);
        return true;
    });

    static KernelModule load(NDManager manager) {
        String code = TorchScriptArchive.resource("/inkling/engine/kernels.py");
        try {
            return load(manager, code);
        } catch (EngineException e) {
            return load(manager, withoutOneDnn(code)); // a libtorch built without it, as for Apple's processors
        }
    }

    static String withoutOneDnn(String code) {
        return code.replace(ONE_DNN, "torch.linear(").replace(WITH_NOTHING_AFTER_IT, ")");
    }

    static KernelModule load(NDManager manager, String code) {
        try {
            return new KernelModule(JniUtils.loadModule((PtNDManager) manager, new ByteArrayInputStream(TorchScriptArchive.of(code)), false, false));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Results live in the first argument's manager. */
    NDList run(NDList arguments) {
        AS_WRITTEN.get();
        return IValueUtils.forward(block, arguments, true);
    }
}
