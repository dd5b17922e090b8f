/**
 * The command line: {@link inkling.cli.Main} lists the commands. Below it: {@code train}, {@code runs}, {@code model}, {@code view} have
 * one class a command, {@code option} what several share, {@code terminal} how lines are written.
 * It must not compute anything itself.
 */
package inkling.cli;
