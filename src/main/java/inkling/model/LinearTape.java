package inkling.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import inkling.engine.Kernels;
import inkling.model.GptLayout.Weights;
import java.util.ArrayList;
import java.util.List;

/**
 * Computes and records the linear layers of one block in a training pass, in order, as the tape of automatic differentiation does.
 * In float32 on a CPU, oneDNN computes their products if libtorch has it: oneDNN is faster than MKL, but autograd cannot differentiate its
 * products. So the backward pass itself computes the gradients of these layers from this record (docs/decisions/0007).
 */
public final class LinearTape {
    /** Stands for the bias's name in a layer without a bias. No parameter has this name. */
    private static final String NO_BIAS = "";

    private final Parameters parameters;
    private final NDArray none;
    private final List<String> names = new ArrayList<>();
    private final List<Kernels.Linear> linears = new ArrayList<>();
    private NDArray copied;  // the x that was copied last
    private NDArray copy;    // its copy in bfloat16

    /** @param scope owns the empty array that stands for the bias of a layer without a bias */
    public LinearTape(Parameters parameters, NDManager scope) {
        this.parameters = parameters;
        this.none = scope.create(new Shape(0));
        this.copied = none;
        this.copy = none;
    }

    /** Computes and records x W + b: (…, in) → (…, out). */
    NDArray linear(NDArray x, Weights weights) {
        NDArray bias = weights.bias().map(parameters::get).orElse(none);
        Kernels.Linear linear = Kernels.linearLeaf(factor(x), parameters.matrixForProducts(weights.weight()).values(), bias);
        names.add(weights.weight());
        names.add(weights.bias().orElse(NO_BIAS));
        linears.add(linear);
        return linear.y();
    }

    /** x as the product reads it: itself, or a copy in bfloat16. Layers that read the same x one after the other share the copy. */
    private NDArray factor(NDArray x) {
        if (!parameters.multipliesInBf16()) {
            return x;
        }
        if (x != copied) {
            copied = x;
            copy = Kernels.bf16(x);
        }
        return copy;
    }

    /** The names of each layer's weight and bias, in the order in which they were recorded; "" for the bias of a layer without one. */
    public List<String> parameterNames() {
        return names;
    }

    /** Whether a recorded layer has this weight or bias. */
    public boolean has(String parameter) {
        return names.contains(parameter);
    }

    public List<Kernels.Linear> linears() {
        return linears;
    }

    /** Moves the inputs and outputs of the layers, which the backward pass reads, to {@code scope}. */
    public void keepIn(NDManager scope) {
        linears.forEach(linear -> {
            linear.x().attach(scope);
            linear.y().attach(scope);
        });
    }
}
