/**
 * What DJL lacks: kernels as TorchScript (start with {@link inkling.engine.Kernels}; {@code resources/inkling/engine/kernels} has their
 * text), device, threads and precision ({@link inkling.engine.ComputeContext}). No other package may touch {@code ai.djl.pytorch}.
 * It must not know what a model is. Its 17 files are one thing: the way to libtorch, most of it not visible outside.
 */
package inkling.engine;
