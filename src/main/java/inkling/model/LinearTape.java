package inkling.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import inkling.engine.Kernels;
import inkling.model.GptLayout.Weights;
import java.util.ArrayList;
import java.util.List;

/**
 * The linear layers of a training pass through one block, in their order: the backward pass computes their products itself, as
 * oneDNN's are faster than those that autograd would call, and have no gradient (docs/decisions/0007).
 */
public final class LinearTape {
    /** Stands for a bias that is not there; no parameter has this name. */
    private static final String NO_BIAS = "";

    private final Parameters parameters;
    private final NDArray none;
    private final List<String> names = new ArrayList<>();
    private final List<Kernels.Linear> linears = new ArrayList<>();

    /** @param scope of the pass */
    public LinearTape(Parameters parameters, NDManager scope) {
        this.parameters = parameters;
        this.none = scope.create(new Shape(0));
    }

    /** x W + b: (…, in) → (…, out). */
    NDArray linear(NDArray x, Weights weights) {
        NDArray bias = weights.bias().map(parameters::get).orElse(none);
        Kernels.Linear linear = Kernels.linearLeaf(x, parameters.get(weights.weight()), bias);
        names.add(weights.weight());
        names.add(weights.bias().orElse(NO_BIAS));
        linears.add(linear);
        return linear.y();
    }

    /** Weight and bias of each layer, {@link #NO_BIAS} where it has none, in the order of {@link Kernels#gradients its gradients}. */
    public List<String> parameterNames() {
        return names;
    }

    public boolean has(String parameter) {
        return names.contains(parameter);
    }

    public List<Kernels.Linear> linears() {
        return linears;
    }

    /** What the backward pass reads moves to {@code scope}. */
    public void keepIn(NDManager scope) {
        linears.forEach(linear -> {
            linear.x().attach(scope);
            linear.y().attach(scope);
        });
    }
}
