/**
 * Options that several commands share: which model, which prompt, how to draw, where a page goes.
 * Start with {@link inkling.cli.option.ModelOptions}.
 * It must not know commands.
 */
package inkling.cli.option;
