package inkling.spark;

import inkling.cli.terminal.Console;

/** {@code inkling cluster …}, which the launcher starts, and {@code spark-submit} may. */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        System.exit(run(arguments));
    }

    /** The exit code of one command; prints to the process's own streams. */
    static int run(String... arguments) {
        ClusterCommand command = new ClusterCommand();
        int code = inkling.cli.Main.commandLine(command, () -> command.debug).execute(arguments);
        Console.out().flush();
        return code;
    }
}
