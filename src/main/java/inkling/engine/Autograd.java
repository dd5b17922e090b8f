package inkling.engine;

import ai.djl.pytorch.jni.JniUtils;

/**
 * Records the operations of the calling thread, so that libtorch can compute gradients from them. The recording ends when this object is
 * closed, unless the thread recorded before. At other times, a thread that has entered a {@link ComputeContext} records nothing.
 *
 * <p>{@code try (Autograd recording = Autograd.recording()) { loss = …; gradients = Kernels.gradients(loss, parameters); }}
 */
public final class Autograd implements AutoCloseable {
    private final boolean before = JniUtils.isGradMode();

    private Autograd() {
        JniUtils.setGradMode(true);
    }

    public static Autograd recording() {
        return new Autograd();
    }

    /** Whether the calling thread records. */
    public static boolean isRecording() {
        return JniUtils.isGradMode();
    }

    @Override
    public void close() {
        JniUtils.setGradMode(before);
    }
}
