/**
 * Commands that use a trained model: {@code sample}, {@code chat}, {@code score} and {@code serve}. {@code merge} and {@code export} write
 * the model to other files.
 * Start with {@link inkling.cli.model.SampleCommand}.
 * A command must not know other commands.
 */
package inkling.cli.model;
