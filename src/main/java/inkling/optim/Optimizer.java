package inkling.optim;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.Map;

/** Updates the parameters that it was made for, in place, from their gradients. */
public interface Optimizer extends AutoCloseable {
    /**
     * One update.
     *
     * @param gradients one for each parameter, in their order; may be changed
     * @param learningRate of this update
     * @param divisor gradients are divided by it first: what {@link GradientClip#divisor} gives
     */
    void update(List<NDArray> gradients, double learningRate, double divisor);

    /** Updates so far. */
    long updates();

    /** All that an exact resume needs besides {@link #updates}: name → array, such as {@code exp_avg.wte.weight}; live, not copies. */
    Map<String, NDArray> state();

    /** Continues from a saved state; {@code state} has the names and shapes of {@link #state}. */
    void load(Map<String, NDArray> state, long updates);

    @Override
    void close();
}
