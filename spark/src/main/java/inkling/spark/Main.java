package inkling.spark;

/** {@code inkling cluster …}: the launcher starts this class, and {@code spark-submit} can start it, too. */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        System.exit(run(arguments));
    }

    /** Runs one command, which prints to the process's own streams, and returns its exit code. */
    static int run(String... arguments) {
        ClusterCommand command = new ClusterCommand();
        return inkling.cli.Main.run(inkling.cli.Main.commandLine(command, () -> command.debug), arguments);
    }
}
