package inkling.engine;

import ai.djl.pytorch.jni.JniUtils;

/**
 * Operations on the calling thread are recorded, so that gradients can be computed from them. A thread that has entered a
 * {@link ComputeContext} records nothing else:
 * {@code try (Autograd recording = Autograd.recording()) { loss = …; gradients = Kernels.gradients(loss, parameters); }}
 */
public final class Autograd implements AutoCloseable {
    private final boolean before = JniUtils.isGradMode();

    private Autograd() {
        JniUtils.setGradMode(true);
    }

    public static Autograd recording() {
        return new Autograd();
    }

    @Override
    public void close() {
        JniUtils.setGradMode(before);
    }
}
