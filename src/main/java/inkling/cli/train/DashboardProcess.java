package inkling.cli.train;

import inkling.cli.terminal.CommandEnvironment;
import inkling.cli.terminal.Console;
import inkling.errors.Printable;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.List;

/**
 * A server beside a training, as a process of its own (docs/decisions/0029): it reads the run's directory, and cannot take memory, threads
 * or locks from the training. It ends by itself, some minutes after the training has ended and its last page was closed.
 */
final class DashboardProcess {
    private DashboardProcess() {}

    /** Begins it; its address is told as soon as it listens, while the training goes on. */
    static void begin() {
        Thread thread = new Thread(DashboardProcess::tellAddress, "dashboard");
        thread.setDaemon(true);
        thread.start();
    }

    private static void tellAddress() {
        try {
            Process server = CommandEnvironment.LAUNCHER.startHeard(List.of("serve", "--port", "0", "--open", "--beside",
                Long.toString(ProcessHandle.current().pid())));
            BufferedReader output = server.inputReader();
            String line = output.readLine();
            Console.err().println(line == null ? "The dashboard could not be started; the training goes on."
                : "dashboard: " + Printable.text(line));
        } catch (IOException e) {
            Console.err().println("The dashboard could not be started (%s); the training goes on.".formatted(e.getMessage()));
        }
    }
}
