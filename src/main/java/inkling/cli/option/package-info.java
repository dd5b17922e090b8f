/**
 * Options that several commands share: which model, in which precision, which prompt, how to sample, where a page goes.
 * Start with {@link inkling.cli.option.ModelOptions}.
 * The package must not know commands.
 */
package inkling.cli.option;
