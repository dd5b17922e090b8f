package inkling.cli.train;

import inkling.cli.terminal.CommandEnvironment;
import inkling.cli.terminal.Console;
import inkling.errors.FileFaults;
import inkling.errors.InklingException;
import inkling.errors.Printable;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The server of {@code train --dashboard}, a process of its own (docs/decisions/0029). The server reads the run's directory, and cannot
 * take memory, threads or locks from the training. It ends three minutes after the training has ended and the last page was closed.
 */
final class DashboardProcess {
    private static final int SECONDS_TO_START = 30;

    private final Process server;
    private final CompletableFuture<String> address = new CompletableFuture<>();

    private DashboardProcess(Process server) {
        this.server = server;
    }

    /** Starts the server; a thread prints its address once it listens. If the process cannot be started, prints why and returns empty. */
    static Optional<DashboardProcess> begin() {
        try {
            DashboardProcess dashboard = new DashboardProcess(CommandEnvironment.LAUNCHER.startPiped(List.of("serve", "--port", "0",
                "--open", "--beside", Long.toString(ProcessHandle.current().pid()))));
            Thread thread = new Thread(dashboard::listen, "dashboard");
            thread.setDaemon(true);
            thread.start();
            return Optional.of(dashboard);
        } catch (IOException e) {
            notStarted(FileFaults.messageOf(e));
            return Optional.empty();
        }
    }

    private static void notStarted(String why) {
        Console.err().println("The dashboard could not be started (%s); the training goes on.".formatted(Printable.text(why)));
    }

    /** Prints the server's address, and reads its later output without printing it, so that the server can go on writing. */
    private void listen() {
        String last = "it printed nothing";
        try (BufferedReader output = server.inputReader()) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                if (!address.isDone() && line.startsWith("http://")) {
                    Console.err().println("dashboard: " + Printable.text(line));
                    address.complete(line.split("[ #]")[0]);
                }
                last = line.isBlank() ? last : line;
            }
        } catch (IOException e) {
            last = FileFaults.messageOf(e);
        }
        if (address.completeExceptionally(new IOException(last))) {
            notStarted(last);
        }
    }

    /** Tells the user that the server outlives the training, how long, and how to end it. Ends a server that does not listen in time. */
    void outlive() {
        try {
            String page = address.get(SECONDS_TO_START, TimeUnit.SECONDS);
            if (server.isAlive()) {
                Console.err().println("The dashboard stays at %s until three minutes after its last page is closed; `kill %d` ends it now."
                    .formatted(page, server.pid()));
            }
        } catch (ExecutionException e) {
            // listen() has told the user
        } catch (TimeoutException e) {
            end();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Tells the server why the training failed, for its pages. A server that does not listen yet has no pages open, and is ended. */
    void failed(RuntimeException fault) {
        if (!address.isDone()) {
            end();
            return;
        }
        try (OutputStream faults = server.getOutputStream()) {
            String why = fault instanceof InklingException ? fault.getMessage() : fault.toString();
            faults.write(why.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            return;   // the server has ended
        }
        outlive();
    }

    private void end() {
        address.cancel(false); // so that listen() does not tell of a server that could not start
        server.destroy();
    }
}
