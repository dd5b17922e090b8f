package inkling.optim;

import ai.djl.ndarray.NDArray;
import java.util.List;

/** Updates the parameters that it was made for, in place, from their gradients. */
public interface Optimizer extends OptimizerState, AutoCloseable {
    /**
     * Makes one update.
     *
     * @param gradients one for each parameter, in the parameters' order; this call may overwrite them
     * @param learningRate of this update
     * @param divisor from {@link GradientClip#divisor}; the gradients are divided by it first
     */
    void update(List<NDArray> gradients, double learningRate, double divisor);

    @Override
    void close();
}
