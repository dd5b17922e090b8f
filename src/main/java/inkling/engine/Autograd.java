package inkling.engine;

import ai.djl.pytorch.jni.JniUtils;

/**
 * Turns the recording of operations for gradients on or off for this thread; closing it restores the setting before:
 * {@code try (Autograd on = Autograd.recording()) { loss = …; gradients = Kernels.gradients(loss, parameters); }}
 */
public final class Autograd implements AutoCloseable {
    private final boolean before = JniUtils.isGradMode();

    private Autograd(boolean record) {
        JniUtils.setGradMode(record);
    }

    public static Autograd recording() {
        return new Autograd(true);
    }

    /** For inference and updates. It is needed because recording is on at first on every thread but the one that loaded the engine. */
    public static Autograd off() {
        return new Autograd(false);
    }

    @Override
    public void close() {
        JniUtils.setGradMode(before);
    }
}
