package inkling.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import inkling.data.Batch;
import inkling.engine.Seeds;
import inkling.engine.UpdateKernels;
import inkling.model.grad.LossGradients;
import inkling.model.grad.Rewards;
import inkling.optim.GradientClip;
import inkling.optim.LearningRate;
import inkling.optim.Optimizer;
import java.util.List;

/**
 * One update: micro-batches → mean loss → gradients → global norm → clip → optimizer. This class holds the formula of training, and nothing
 * else.
 *
 * <p>All target tokens that are not ignored have the same weight, whichever micro-batch they are in. In preference training, all pairs of
 * answers have the same weight. So the sum of the gradients is that of one large batch, even if the micro-batches have different numbers of
 * targets.
 */
public final class Stepper {
    private static final long DROPOUT = 0xD0;   // makes the seeds of dropout differ from other seeds that are mixed from the run's seed

    private final NDManager manager;
    private final BatchGradients batchGradients;
    private final Optimizer optimizer;
    private final LearningRate learningRate;
    private final double maxGradNorm;
    private final long seed;

    /**
     * @param batchGradients gives the gradients of the parameters that {@code optimizer} was made for, in its order
     * @param maxGradNorm 0 turns clipping off
     * @param seed of the run, or of one worker; the dropout of micro-step i is drawn from (seed, i)
     */
    public Stepper(NDManager manager, BatchGradients batchGradients, Optimizer optimizer, LearningRate learningRate, double maxGradNorm,
                   long seed) {
        this.manager = manager;
        this.batchGradients = batchGradients;
        this.optimizer = optimizer;
        this.learningRate = learningRate;
        this.maxGradNorm = maxGradNorm;
        this.seed = seed;
    }

    /** The loss before the update, and the gradient norm before clipping. */
    public record Measured(double loss, double gradNorm, double learningRate, Rewards rewards) {}

    /**
     * Makes update {@code step} (0-based) from these micro-batches.
     *
     * @throws DivergedException if loss or norm is not finite; the weights are unchanged then
     */
    public Measured step(long step, List<Batch> microBatches) {
        long counted = microBatches.stream().mapToLong(Batch::lossCount).sum();
        try (NDManager scope = manager.newSubManager()) {
            List<NDArray> gradients = List.of();
            Rewards rewards = Rewards.NONE;
            NDArray loss = scope.create(0f);
            for (int m = 0; m < microBatches.size(); m++) {
                long dropout = Seeds.mix(seed, DROPOUT, step * microBatches.size() + m);
                LossGradients.Result sum = addGradients(scope, gradients, loss, microBatches.get(m), 1.0 / counted, dropout);
                gradients = sum.gradients();
                rewards = rewards.plus(sum.rewards());
            }
            float[] measured = NDArrays.concat(new NDList(loss.reshape(1), UpdateKernels.globalNorm(gradients).reshape(1))).toFloatArray();
            requireFinite(step, microBatches.size(), measured[0], measured[1]);
            double rate = learningRate.at(step);
            optimizer.update(gradients, rate, GradientClip.divisor(measured[1], maxGradNorm));
            return new Measured(measured[0], measured[1], rate, rewards);
        }
    }

    /**
     * Adds this batch's loss and gradients to {@code loss} and {@code soFar}. The result has the sums, and the rewards of this batch alone.
     */
    private LossGradients.Result addGradients(NDManager scope, List<NDArray> soFar, NDArray loss, Batch batch, double weight,
                                              long dropout) {
        try (NDManager micro = scope.newSubManager()) {
            LossGradients.Result result = batchGradients.of(micro, batch, weight, dropout);
            loss.addi(result.loss());
            if (soFar.isEmpty()) {
                result.gradients().forEach(gradient -> gradient.attach(scope));
                return new LossGradients.Result(loss, result.gradients(), result.rewards());
            }
            UpdateKernels.addAll(soFar, result.gradients(), 1);
            return new LossGradients.Result(loss, soFar, result.rewards());
        }
    }

    private static void requireFinite(long step, int microBatches, double loss, double gradNorm) {
        if (!Double.isFinite(loss) || !Double.isFinite(gradNorm)) {
            throw new DivergedException(("training diverged at update %d (micro-steps %d to %d): loss %s, gradient norm %s. The update was"
                + " not applied. Lower schedule.learning_rate, lengthen warmup_steps, or lower optimizer.max_grad_norm.")
                .formatted(step + 1, step * microBatches, (step + 1) * microBatches - 1, loss, gradNorm));
        }
    }
}
