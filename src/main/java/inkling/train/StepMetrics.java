package inkling.train;

/**
 * What one update measured.
 *
 * @param step updates completed with it, from 1
 * @param tokens seen so far, ignored targets included
 * @param loss mean nats per target token over its micro-batches, before the update
 * @param gradNorm global norm before clipping
 * @param stepMillis wall time
 */
public record StepMetrics(long step, long tokens, double loss, double gradNorm, double learningRate, double tokensPerSecond,
                          double stepMillis) {}
