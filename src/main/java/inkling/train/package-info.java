/**
 * The training loop: {@link inkling.train.Stepper} is one update as a formula (start here), {@link inkling.train.Trainer} the loop,
 * {@link inkling.train.RowWorkers} shares a batch's rows out to threads.
 * It must not know run files or where text comes from. Its 17 files are the loop, what it tells, and the settings of both.
 */
package inkling.train;
