/**
 * The command line: {@link inkling.cli.Main} lists the commands. The packages {@code train}, {@code runs}, {@code model} and {@code view}
 * have one class for each command. The package {@code option} has the options that several commands share, the package {@code terminal} has
 * streams and signals.
 * The command line must not compute anything itself.
 */
package inkling.cli;
