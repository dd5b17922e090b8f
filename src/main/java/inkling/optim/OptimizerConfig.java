package inkling.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import inkling.config.TypeName;
import inkling.model.GptLayout;
import java.util.Map;

/** Which optimizer a run uses: {@code optimizer} of the run file, chosen by its {@code type}. */
@TypeName("adamw")
public sealed interface OptimizerConfig permits AdamWConfig, MuonConfig {
    /** Largest global norm of the gradients; larger ones are scaled down to it. 0 = never. */
    double maxGradNorm();

    /**
     * The optimizer of these parameters; its state lives below {@code parent}, and who opens it closes it.
     *
     * @param parameters by their names in {@code layout}
     */
    Optimizer create(Map<String, NDArray> parameters, GptLayout layout, NDManager parent);
}
