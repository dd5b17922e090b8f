/**
 * The training loop. Start with {@link inkling.train.Stepper}, which is one update as a formula. {@link inkling.train.Trainer} is
 * the loop, and {@link inkling.train.RowWorkers} divides a batch's rows among threads.
 * This package must not know run files or where text comes from. Its 17 files are the loop, its evaluations, metrics and settings.
 */
package inkling.train;
