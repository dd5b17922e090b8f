package inkling.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import inkling.config.Key;
import inkling.config.TypeName;
import inkling.errors.Problems;
import inkling.model.GptLayout;
import java.util.Map;

/** The settings of AdamW with PyTorch's semantics (Loshchilov and Hutter 2019, arXiv:1711.05101). */
@TypeName("adamw")
public record AdamWConfig(
    @Key(doc = "decay of the mean of the gradients, in [0, 1)", def = "0.9") double beta1,
    @Key(doc = "decay of the mean of the squared gradients, in [0, 1)", def = "0.95") double beta2,
    @Key(doc = "small number added to the root of the mean of squared gradients, so that no division is by 0", def = "1.0e-8") double eps,
    @Key(doc = "each update subtracts this share of a weight, times the learning rate; on 2-D weights only", def = "0.1")
    double weightDecay,
    @Key(doc = "gradients with a larger global norm than this are scaled down to this norm; 0 = never",
        def = "1.0", elsewhere = "grad_clip")
    double maxGradNorm) implements OptimizerConfig {

    public AdamWConfig {
        new Problems()
            .check(beta1 >= 0 && beta1 < 1, "beta1", "beta1 = %s must be in [0, 1).", beta1)
            .check(beta2 >= 0 && beta2 < 1, "beta2", "beta2 = %s must be in [0, 1).", beta2)
            .check(Double.isFinite(eps) && eps > 0, "eps", "eps = %s must be positive: it keeps the division finite.", eps)
            .check(Double.isFinite(weightDecay) && weightDecay >= 0, "weight_decay", "weight_decay = %s must not be negative.", weightDecay)
            .check(Double.isFinite(maxGradNorm) && maxGradNorm >= 0, "max_grad_norm",
                "max_grad_norm = %s must not be negative; 0 turns clipping off.", maxGradNorm)
            .throwIfAny();
    }

    @Override
    public Optimizer create(Map<String, NDArray> parameters, GptLayout layout, NDManager parent) {
        return new AdamW(this, parameters, parent);
    }
}
