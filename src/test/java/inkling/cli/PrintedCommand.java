package inkling.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** A command as the program, its help or a page of the documentation prints it, run as a shell would run it. */
final class PrintedCommand {
    private PrintedCommand() {}

    /** The arguments of {@code inkling} in a command line, as a shell hands them over; comments are dropped. */
    static String[] words(String line) throws Exception {
        String functions = "inkling() { printf '%s\\0' \"$@\"; }; ";
        Process sh = new ProcessBuilder("sh", "-c", functions + line.strip().replaceFirst("^\\./inkling ", "inkling ")).start();
        String words = new String(sh.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, sh.waitFor(), line);
        return words.split("\0");
    }

    /**
     * Runs {@code ./inkling …} in the directory of {@code shell}. A server is sent SIGTERM and must end with 143; any other command must
     * end with 0. A chat gets no input.
     */
    static Shell.Result run(Shell shell, String line) throws Exception {
        return run(shell, line, address -> { });
    }

    /** As {@link #run(Shell, String)}. While a server runs, {@code clients} gets its address, {@code http://127.0.0.1:PORT}. */
    static Shell.Result run(Shell shell, String line, Consumer<String> clients) throws Exception {
        String[] words = words(line);
        if (words[0].equals("serve")) {
            return served(shell, line, words, clients);
        }
        Shell.Result result = words[0].equals("chat")
            ? Shell.finish(shell.process(List.of(), words).redirectInput(new File("/dev/null"))) : shell.run(words);
        assertEquals(0, result.exit(), line + "\n" + result.err() + result.out());
        return result;
    }

    /** Runs another program by a shell and returns its standard output; it must end with 0. */
    static String output(String line) {
        try {
            Process sh = new ProcessBuilder("sh", "-c", line).redirectError(ProcessBuilder.Redirect.DISCARD).start();
            String output = new String(sh.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertEquals(0, sh.waitFor(), line + "\n" + output);
            return output;
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(line, e);
        }
    }

    /** Runs a server. It is told to end as soon as it has printed its address and {@code clients} has returned. */
    private static Shell.Result served(Shell shell, String line, String[] words, Consumer<String> clients) throws Exception {
        List<String> elsewhere = new ArrayList<>(List.of(words));
        int port = elsewhere.indexOf("--port");
        if (port >= 0) {
            elsewhere.subList(port, port + 2).clear();
        }
        elsewhere.addAll(List.of("--port", "0")); // the printed port may be in use here
        ProcessBuilder builder = shell.process(List.of(), elsewhere.toArray(String[]::new));
        builder.environment().keySet().removeAll(List.of("DISPLAY", "WAYLAND_DISPLAY")); // or --open would start a browser here
        Process process = builder.start();
        try {
            Optional<String> said = process.inputReader().lines().filter(output -> output.startsWith("http://127.0.0.1:")).findFirst();
            clients.accept(said.orElseThrow(() -> new AssertionError(line)).replaceAll("^(http://[^/ ]+).*", "$1"));
        } finally {
            process.destroy();
        }
        assertEquals(143, Shell.exitOf(process), line);
        return new Shell.Result(0, "", "");
    }
}
