/**
 * Commands around a training run: they fetch its text, make its tokenizer and run file, estimate or measure its cost, train, and evaluate.
 * Start with {@link inkling.cli.train.TrainCommand}.
 * A command must not know other commands.
 */
package inkling.cli.train;
