package inkling.optim;

import ai.djl.ndarray.NDArray;
import inkling.model.Parameters;
import java.util.List;
import java.util.Map;

/**
 * Wraps the optimizer of every model ({@link OptimizerConfig}): after each update it makes the bfloat16 copies of the changed weights anew,
 * which products read with {@code precision: bf16}.
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
