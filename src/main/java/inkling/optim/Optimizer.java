package inkling.optim;

import ai.djl.ndarray.NDArray;
import java.util.List;

/** Updates the parameters that it was made for, in place, from their gradients. */
public interface Optimizer extends OptimizerState, AutoCloseable {
    /**
     * Makes one update.
     *
     * @param gradients one for each parameter, in their order; may be changed
     * @param learningRate of this update
     * @param divisor gradients are divided by it first: what {@link GradientClip#divisor} gives
     */
    void update(List<NDArray> gradients, double learningRate, double divisor);

    @Override
    void close();
}
