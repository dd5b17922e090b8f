/**
 * Commands around a training run: its text, its cost, the run itself, its losses.
 * Start with {@link inkling.cli.train.TrainCommand}.
 * A command must not know other commands.
 */
package inkling.cli.train;
