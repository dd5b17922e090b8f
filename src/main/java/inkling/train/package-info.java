/**
 * The training loop: {@link inkling.train.Stepper} is one update as a formula (start here), {@link inkling.train.Trainer} the loop,
 * {@link inkling.train.RowWorkers} divides a batch's rows among threads.
 * It must not know run files or where text comes from. Its 17 files are the loop, its metrics and its settings.
 */
package inkling.train;
