/**
 * Figures: parameters, FLOPs, memory and time before a run ({@link inkling.perf.Estimate}, start here), and what this machine
 * can do ({@link inkling.perf.MatmulPeak}).
 * It must not know commands or run directories.
 */
package inkling.perf;
