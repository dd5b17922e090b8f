/**
 * Figures: parameters, FLOPs, memory and time of a run before it begins ({@link inkling.perf.Estimate}, start here). Also the
 * measured speed of this machine ({@link inkling.perf.MatmulPeak}) and of models on it ({@link inkling.perf.StepBench}).
 * The package {@code product} below it measures how fast single matrix products are, by library and precision.
 * This package must not know commands or run directories.
 */
package inkling.perf;
