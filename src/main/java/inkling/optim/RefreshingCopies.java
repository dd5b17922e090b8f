package inkling.optim;

import ai.djl.ndarray.NDArray;
import inkling.model.Parameters;
import java.util.List;
import java.util.Map;

/**
 * Wraps an optimizer, and after each update copies the changed weights again. With {@code precision: bf16}, products read bfloat16 copies
 * of the weights, which would otherwise be out of date. {@link OptimizerConfig} wraps the optimizer that it makes for a model.
 */
record RefreshingCopies(Optimizer optimizer, Parameters parameters, List<String> trained) implements Optimizer {
    @Override
    public void update(List<NDArray> gradients, double learningRate, double divisor) {
        optimizer.update(gradients, learningRate, divisor);
        parameters.refreshCopies(trained);
    }

    @Override
    public long updates() {
        return optimizer.updates();
    }

    @Override
    public Map<String, NDArray> state() {
        return optimizer.state();
    }

    @Override
    public void load(Map<String, NDArray> state, long updates) {
        optimizer.load(state, updates);
    }

    @Override
    public void close() {
        optimizer.close();
    }
}
