/**
 * The command line: {@link inkling.cli.Main} lists the commands. Below it: {@code train}, {@code runs}, {@code model}, {@code view} have
 * one class for each command, {@code option} has the options that several share, {@code terminal} has the streams and signals.
 * It must not compute anything itself.
 */
package inkling.cli;
