/**
 * Commands that use a trained model: {@code sample}, {@code chat}, and its way into other files.
 * Start with {@link inkling.cli.model.SampleCommand}.
 * A command must not know other commands.
 */
package inkling.cli.model;
