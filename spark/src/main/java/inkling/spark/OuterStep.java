package inkling.spark;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import inkling.engine.UpdateKernels;
import inkling.optim.OptimizerState;
import inkling.runfile.ClusterConfig.Deltas;
import inkling.runfile.ClusterConfig.Nesterov;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The step that ends a round. It uses Nesterov momentum, with δ = weights before the round − mean of the workers' weights:
 * <pre>
 * v ← momentum · v + δ
 * weights ← weights − rate · (δ + momentum · v)  =  mean + (1 − rate) · δ − rate · momentum · v
 * </pre>
 * The code uses the second form, in double precision, and rounds once. So at rate 1 and momentum 0 the new weights are the mean, bit for
 * bit.
 */
final class OuterStep implements OptimizerState {
    private static final String MOMENTUM = "outer_momentum.";

    private final Nesterov config;
    private final Deltas deltas;
    private final int workers;
    private final Weights weights;
    private final Map<String, NDArray> state = new LinkedHashMap<>();
    private final Weights momentum;
    private long rounds;

    /** The momentum starts at zero; its arrays belong to {@code manager}. */
    OuterStep(Nesterov config, Deltas deltas, int workers, Map<String, NDArray> parameters, NDManager manager) {
        this.config = config;
        this.deltas = deltas;
        this.workers = workers;
        this.weights = new Weights(List.copyOf(parameters.values()));
        parameters.forEach((name, p) -> state.put(MOMENTUM + name, manager.zeros(p.getShape(), p.getDataType())));
        this.momentum = new Weights(List.copyOf(state.values()));
    }

    /** The current weights. The next round begins with them. */
    Weights weights() {
        return weights;
    }

    /**
     * Makes the step for one chunk, and writes the chunk's new weights and momentum.
     *
     * @param before the chunk's weights at the beginning of the round
     * @param sum the sum of the numbers that the workers sent (weights or changes, see {@link ChunkBytes})
     */
    void chunk(int chunk, float[] before, double[] sum) {
        float[] v = momentum.read(chunk);
        float[] after = new float[sum.length];
        double stay = 1 - config.learningRate();
        double push = config.learningRate() * config.momentum();
        for (int i = 0; i < sum.length; i++) {
            double sent = sum[i] / workers;
            double delta = deltas == Deltas.FLOAT32 ? before[i] - sent : sent;
            double mean = deltas == Deltas.FLOAT32 ? sent : before[i] - sent;
            double speed = config.momentum() * v[i] + delta;
            v[i] = (float) speed;
            // Adding 0 times something would turn a weight of -0 into 0.
            double next = stay == 0 ? mean : mean + stay * delta;
            after[i] = (float) (push == 0 ? next : next - push * speed);
        }
        momentum.write(chunk, v);
        weights.write(chunk, after);
    }

    /** Counts the round; called after the round's last chunk. */
    void ended() {
        rounds++;
    }

    /** How many rounds have ended. */
    @Override
    public long updates() {
        return rounds;
    }

    @Override
    public Map<String, NDArray> state() {
        return Collections.unmodifiableMap(state);
    }

    @Override
    public void load(Map<String, NDArray> saved, long roundsBefore) {
        UpdateKernels.copyAll(List.copyOf(state.values()), state.keySet().stream().map(saved::get).toList());
        rounds = roundsBefore;
    }
}
