package inkling.pages;

import com.fasterxml.jackson.databind.JsonNode;
import inkling.serve.TestServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** {@code inkling …} in a process of its own, as a shell starts it. */
final class Command {
    private Command() {}

    /** What a command with {@code --json} prints. */
    static JsonNode json(List<String> arguments) {
        List<String> line = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")), "inkling.cli.Main"));
        line.addAll(arguments);
        line.add("--json");
        try {
            Process process = new ProcessBuilder(line).redirectError(ProcessBuilder.Redirect.DISCARD).start();
            String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new AssertionError("%s ends with %d: %s".formatted(arguments, process.exitValue(), out));
            }
            return TestServer.parse(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The words of a line for a POSIX shell, as {@code sh} reads them. */
    static List<String> words(String line) {
        try {
            Process shell = new ProcessBuilder("sh", "-c", "for word in " + line + "; do printf '%s\\0' \"$word\"; done").start();
            String out = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return List.of(out.split("\0"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
