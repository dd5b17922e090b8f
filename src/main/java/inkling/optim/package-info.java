/**
 * Gradients → update of the weights.
 * Start with {@link inkling.optim.AdamW}; {@link inkling.optim.Schedule} has the learning rates.
 * This package must not know batches or the training loop.
 */
package inkling.optim;
