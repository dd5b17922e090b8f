package inkling.runfile;

import inkling.config.Key;
import inkling.config.TypeName;
import inkling.errors.Problems;

/**
 * A training by several workers: the section {@code cluster} of the run file. In a round, each worker makes {@code innerSteps} updates over
 * its own shard of the examples; the last round may be shorter. An outer step ends the round: it applies the mean of the workers' changes
 * to the weights (DiLoCo, Douillard et al. 2023, arXiv:2311.08105).
 */
public record ClusterConfig(
    @Key(doc = "logical workers, each with its own shard of the windows; the result does not depend on how many machines they run on",
        def = "4") int workers,
    @Key(doc = "updates that each worker makes in a round", def = "100") int innerSteps,
    @Key(doc = "the step that ends a round", def = "{}") Outer outer,
    @Key(doc = "what workers send: float32, their weights; float16, the change of their weights, rounded to half the bytes",
        def = "float32")
    Deltas deltas) {

    /** Far more workers than a cluster needs. The limit is there because every worker writes a file in each round. */
    private static final int MOST_WORKERS = 4096;

    public ClusterConfig {
        new Problems()
            .check(workers > 0 && workers <= MOST_WORKERS, "workers", "workers = %d must be in 1 … %d.", workers, MOST_WORKERS)
            .check(innerSteps > 0, "inner_steps", "inner_steps = %d must be positive.", innerSteps)
            .throwIfAny();
    }

    /** The first step after {@code step} at which a round ends; the last round ends at {@code maxSteps}. */
    public long roundEnd(long step, long maxSteps) {
        return Math.min((step / innerSteps + 1) * innerSteps, maxSteps);
    }

    /** What workers send after a round. FLOAT32: their weights. FLOAT16: weights before the round − weights after it, rounded. */
    public enum Deltas { FLOAT32, FLOAT16 }

    /** How the mean of the workers' changes becomes new weights. */
    @TypeName("nesterov")
    public sealed interface Outer {}

    /**
     * Nesterov's momentum in PyTorch's form (Sutskever et al. 2013), on δ = weights before the round − mean of the workers' weights:
     * <pre>
     * v ← momentum · v + δ
     * weights ← weights − learning_rate · (δ + momentum · v)
     * </pre>
     */
    @TypeName("nesterov")
    public record Nesterov(
        @Key(doc = "the learning rate of the step that ends a round; with learning_rate 1 and momentum 0, the step takes the "
            + "mean of the workers' weights", def = "0.7")
        double learningRate,
        @Key(doc = "Nesterov momentum: decay of the sum of the rounds' changes, in [0, 1)", def = "0.9") double momentum) implements Outer {

        public Nesterov {
            new Problems()
                .check(Double.isFinite(learningRate) && learningRate > 0, "learning_rate", "learning_rate = %s must be positive.",
                learningRate)
                .check(momentum >= 0 && momentum < 1, "momentum", "momentum = %s must be in [0, 1).", momentum)
                .throwIfAny();
        }
    }
}
