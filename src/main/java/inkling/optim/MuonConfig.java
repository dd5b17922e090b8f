package inkling.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import inkling.config.Key;
import inkling.config.TypeName;
import inkling.errors.ConfigException;
import inkling.errors.Problems;
import inkling.model.GptLayout;
import java.util.Map;

/**
 * The settings of Muon (Jordan et al. 2024, "Muon: an optimizer for hidden layers in neural networks"). Muon updates the matrices inside
 * the blocks; AdamW updates embeddings, unembedding and vectors.
 */
@TypeName("muon")
public record MuonConfig(
    @Key(doc = "Muon's decay of the running mean of the gradients, in [0, 1). Muon's learning rate is the schedule's, e.g. 0.02",
        def = "0.95") double momentum,
    @Key(doc = "AdamW updates the parameters that Muon does not update; its learning rate is this share of the schedule's", def = "0.2")
    double adamwShare,
    @Key(doc = "AdamW's decay of the mean of the gradients, in [0, 1)", def = "0.9") double beta1,
    @Key(doc = "AdamW's decay of the mean of the squared gradients, in [0, 1)", def = "0.95") double beta2,
    @Key(doc = "AdamW's small number added to the root of the mean of squared gradients, so that no division is by 0",
        def = "1.0e-8") double eps,
    @Key(doc = "each update subtracts this share of a weight, times the learning rate of Muon or of AdamW, whichever updates the weight; "
        + "on 2-D weights only", def = "0.1")
    double weightDecay,
    @Key(doc = "gradients with a larger global norm than this are scaled down to this norm; 0 = never", def = "1.0")
    double maxGradNorm) implements OptimizerConfig {

    public MuonConfig {
        Problems problems = new Problems()
            .check(momentum >= 0 && momentum < 1, "momentum", "momentum = %s must be in [0, 1).", momentum)
            .check(Double.isFinite(adamwShare) && adamwShare > 0, "adamw_share", "adamw_share = %s must be positive.", adamwShare);
        try {
            new AdamWConfig(beta1, beta2, eps, weightDecay, maxGradNorm);
        } catch (ConfigException e) {
            problems.add(e);
        }
        problems.throwIfAny();
    }

    /** The settings of AdamW for the parameters that Muon leaves alone. */
    AdamWConfig adamW() {
        return new AdamWConfig(beta1, beta2, eps, weightDecay, maxGradNorm);
    }

    @Override
    public Optimizer create(Map<String, NDArray> parameters, GptLayout layout, NDManager parent) {
        return new Muon(this, parameters, layout, parent);
    }
}
