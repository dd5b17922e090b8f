/**
 * Figures: parameters, FLOPs, memory and time before a run ({@link inkling.perf.Estimate}, start here), and what this machine
 * can do ({@link inkling.perf.MatmulPeak}). Below it: {@code product} has single matrix products, by library and precision.
 * It must not know commands or run directories.
 */
package inkling.perf;
