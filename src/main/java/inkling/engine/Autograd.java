package inkling.engine;

import ai.djl.pytorch.jni.JniUtils;

/**
 * Whether operations on this thread are recorded for gradients. Off unless inside {@link #recording()}:
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

    /** The engine starts threads other than the one that loaded it with recording on: wrap inference and updates in this. */
    public static Autograd off() {
        return new Autograd(false);
    }

    @Override
    public void close() {
        JniUtils.setGradMode(before);
    }
}
