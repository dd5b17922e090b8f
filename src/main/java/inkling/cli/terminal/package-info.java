/**
 * The process's own streams, signals and surroundings.
 * Start with {@link inkling.cli.terminal.Console}.
 * The package must not know commands.
 */
package inkling.cli.terminal;
