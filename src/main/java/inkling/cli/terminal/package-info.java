/**
 * The process's streams and signals, what a person types, and the environment of a command (folder of runs, width …).
 * Start with {@link inkling.cli.terminal.Console}.
 * The package must not know commands.
 */
package inkling.cli.terminal;
