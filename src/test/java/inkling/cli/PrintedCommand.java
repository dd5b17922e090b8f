package inkling.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A command as the program, its help or a page of the documentation prints it, run as a shell would run it. */
final class PrintedCommand {
    private PrintedCommand() {}

    /** The words of a command line as a shell hands them over; comments are dropped. */
    static String[] words(String line) throws Exception {
        String functions = "inkling() { printf '%s\\0' \"$@\"; }; ";
        Process sh = new ProcessBuilder("sh", "-c", functions + line.strip().replaceFirst("^\\./inkling ", "inkling ")).start();
        String words = new String(sh.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, sh.waitFor(), line);
        return words.split("\0");
    }

    /** Runs {@code ./inkling …} in the shell's directory, with nothing on standard input; it must end with 0. */
    static Shell.Result run(Shell shell, String line) throws Exception {
        String[] words = words(line);
        if (words[0].equals("serve")) {
            return served(shell, line, words);
        }
        Shell.Result result = words[0].equals("chat")
            ? Shell.finish(shell.process(List.of(), words).redirectInput(new File("/dev/null"))) : shell.run(words);
        assertEquals(0, result.exit(), line + "\n" + result.err() + result.out());
        return result;
    }

    /** A server goes on until it is told to end: here, once it has said where it listens. */
    private static Shell.Result served(Shell shell, String line, String[] words) throws Exception {
        List<String> elsewhere = new ArrayList<>(List.of(words));
        int port = elsewhere.indexOf("--port");
        if (port >= 0) {
            elsewhere.subList(port, port + 2).clear();
        }
        elsewhere.addAll(List.of("--port", "0")); // the printed one may be in use here
        Process process = shell.process(List.of(), elsewhere.toArray(String[]::new)).start();
        assertTrue(process.inputReader().lines().anyMatch(said -> said.startsWith("http://127.0.0.1:")), line);
        process.destroy();
        assertEquals(143, Shell.exitOf(process), line);
        return new Shell.Result(0, "", "");
    }
}
