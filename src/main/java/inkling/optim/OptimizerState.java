package inkling.optim;

import ai.djl.ndarray.NDArray;
import java.util.Map;

/** The part of an optimizer that is saved and loaded, so that a resumed run continues exactly. */
public interface OptimizerState {
    /** Updates so far. */
    long updates();

    /** The arrays by name, such as {@code exp_avg.wte.weight}; live, not copies. */
    Map<String, NDArray> state();

    /** Continues from a saved state; {@code state} has the names and shapes of {@link #state}. */
    void load(Map<String, NDArray> state, long updates);
}
