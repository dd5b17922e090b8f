/**
 * Commands around a training run: they fetch its text, estimate its cost, train, and measure its losses.
 * Start with {@link inkling.cli.train.TrainCommand}.
 * A command must not know other commands.
 */
package inkling.cli.train;
