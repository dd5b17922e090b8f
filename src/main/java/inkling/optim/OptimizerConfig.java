package inkling.optim;

import inkling.io.TypeName;

/** Which optimizer a run uses: {@code optimizer} of the run file, chosen by its {@code type}. */
@TypeName("adamw")
public sealed interface OptimizerConfig permits AdamWConfig {
    /** Largest global norm of the gradients; larger ones are scaled down to it. 0 = never. */
    double maxGradNorm();
}
