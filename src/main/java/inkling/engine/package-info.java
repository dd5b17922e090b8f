/**
 * The way to libtorch. Start with {@link inkling.engine.Kernels}, the tensor functions that DJL lacks; their TorchScript source is in
 * {@code resources/inkling/engine/kernels}. {@link inkling.engine.ComputeContext} has the device, the threads and the precision.
 * Only this package may use {@code ai.djl.pytorch}. The package must not know what a model is.
 * Its 17 files (besides this one) stay together: with a sub-package, internal classes such as {@code KernelModule} would have to be public.
 */
package inkling.engine;
