/**
 * The loss of a micro-batch and its gradients, computed block by block.
 * Start with {@link inkling.model.grad.LossGradients}; another loss implements {@link inkling.model.grad.Loss}.
 * This package must not know what gradients are used for.
 */
package inkling.model.grad;
