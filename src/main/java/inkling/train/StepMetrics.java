package inkling.train;

import inkling.model.grad.Rewards;

/**
 * What one update measured. After a round of workers: the mean loss and norm of their last updates, and the round's time divided by its
 * updates.
 *
 * @param step how many updates are completed, including this one
 * @param tokens that were read so far, including those whose targets are ignored. They count from the beginning of the run; in the metrics
 *     of one worker's update, from the beginning of the worker's round
 * @param loss mean nats per target token (or pair) over the update's micro-batches, before the update changed the weights
 * @param gradNorm global norm before clipping
 * @param stepMillis wall time
 * @param rewards of the update's pairs, before the update changed the weights; {@link Rewards#NONE} unless preferences are learned
 */
public record StepMetrics(long step, long tokens, double loss, double gradNorm, double learningRate, double tokensPerSecond,
                          double stepMillis, Rewards rewards) {
    /** The measures of an update that learned from text or conversations. */
    public StepMetrics(long step, long tokens, double loss, double gradNorm, double learningRate, double tokensPerSecond,
                       double stepMillis) {
        this(step, tokens, loss, gradNorm, learningRate, tokensPerSecond, stepMillis, Rewards.NONE);
    }
}
