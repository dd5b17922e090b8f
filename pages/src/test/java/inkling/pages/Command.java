package inkling.pages;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import inkling.run.LauncherSettings;
import inkling.serve.TestServer;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Runs {@code inkling …} and other programs, each in a process of its own. */
final class Command {
    private Command() {}

    private static List<String> javaCommand(String... arguments) {
        List<String> line = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))));
        line.addAll(List.of(arguments));
        return line;
    }

    /** Runs a command with {@code --json}, and returns what it prints. */
    static JsonNode json(List<String> arguments) {
        List<String> line = javaCommand("inkling.cli.Main");
        line.addAll(arguments);
        line.add("--json");
        return TestServer.parse(output(line));
    }

    /** Compiles and runs lines of Java that use openai-java, and returns what they print, without the line break at its end. */
    static String java(String lines, Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("Copied.java"), """
            import com.openai.client.OpenAIClient;
            import com.openai.client.okhttp.OpenAIOkHttpClient;
            import com.openai.core.JsonValue;
            import com.openai.models.chat.completions.ChatCompletionCreateParams;
            import com.openai.models.completions.CompletionCreateParams;
            import java.util.List;
            import java.util.Map;
            class Copied {
                public static void main(String[] arguments) {
            %s
                System.exit(0); // the threads of the client would keep the program running
                }
            }
            """.formatted(lines));
        String out = output(javaCommand(file.toString()));
        return out.substring(0, out.length() - System.lineSeparator().length());
    }

    /** Runs a program, and returns what it writes to standard output. Its exit code must be 0. */
    static String output(List<String> line) {
        try {
            Process process = new ProcessBuilder(line).redirectError(ProcessBuilder.Redirect.DISCARD).start();
            String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new AssertionError("%s ends with %d: %s".formatted(line, process.exitValue(), out));
            }
            return out;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Whether a program is on the PATH. With {@code CI=true} no test is skipped, so a program that is missing is an error. */
    static boolean isThere(String program) {
        boolean found = Stream.of(System.getenv("PATH").split(File.pathSeparator))
            .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
        if (!found && "true".equals(System.getenv("CI"))) {
            throw new IllegalStateException("there is no %s on the PATH, and with CI=true nothing is skipped: install it"
                .formatted(program));
        }
        return found;
    }

    /** Starts {@code inkling ARGUMENTS} in a folder, with the launcher's settings. Standard output and error are one stream. */
    static Process begin(Path folder, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xshare:auto",
            "-XX:TieredStopAtLevel=1", "-Xmx512m", "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")), "inkling.cli.Main"));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
        builder.environment().putAll(LauncherSettings.all());
        builder.environment().remove("DISPLAY");
        return builder.start();
    }

    /** Reads the output of a process up to the first line that contains {@code text}, and returns this line. */
    static String await(Process process, String text) throws IOException {
        BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
        StringBuilder read = new StringBuilder();
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            read.append(line).append('\n');
            if (line.contains(text)) {
                return line;
            }
        }
        throw new AssertionError("ended without \"" + text + "\":\n" + read);
    }

    /** Waits until a process ends, and returns its exit code. */
    static int end(Process process) throws InterruptedException {
        new Thread(() -> {
            try {
                process.getInputStream().readAllBytes();
            } catch (IOException e) {
                return;   // the process has ended
            }
        }).start();
        assertTrue(process.waitFor(90, TimeUnit.SECONDS), "it does not end");
        return process.exitValue();
    }

    /** The words into which {@code sh} splits a command line. */
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
