/**
 * Commands that look into a model: one class for each command.
 * Start with {@link inkling.cli.view.AttentionCommand}.
 * A command must not know other commands.
 */
package inkling.cli.view;
