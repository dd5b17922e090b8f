package inkling.cli;

import inkling.cli.terminal.Console;
import inkling.run.LauncherSettings;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * Inkling's command line as a user meets it, in a directory of its own. {@link #run} answers many commands from one JVM, since each start
 * takes seconds. {@link #process} gives a command a JVM of its own, for signals, locales and kills.
 */
final class Shell implements AutoCloseable {
    private static final char END = '\u0004';
    private static final String BETWEEN_ARGUMENTS = "\u001f";
    /** What a JVM itself writes to standard error as it starts, if a variable such as JAVA_TOOL_OPTIONS is set. */
    private static final Pattern JVMS_OWN = Pattern.compile("^(Picked up \\w+: .*\\R)+");

    private static final List<String> RESET_SIGNALS = List.of("env", "--default-signal=INT,TERM,HUP");
    private static final boolean SIGNALS_CAN_BE_RESET = succeeds(RESET_SIGNALS, "true");

    private final Path directory;
    private final Process host;

    record Result(int exit, String out, String err) {}

    /** Runs the commands that it reads from standard input, one a line. */
    public static final class Host {
        public static void main(String[] none) throws IOException {
            BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                int exit = Main.run(line.replace('\u001e', '\n').split(BETWEEN_ARGUMENTS, -1));
                Console.err().print(END);
                Console.err().flush();
                Console.out().print("" + exit + END);
                Console.out().flush();
            }
        }
    }

    private Shell(Path directory) throws IOException {
        this.directory = directory;
        this.host = builder(directory, List.of(), Host.class).start();
    }

    static Shell in(Path directory) throws IOException {
        return new Shell(directory);
    }

    /**
     * Runs a command in the shared JVM. Arguments must not hold U+001E, U+001F or a carriage return. The output must not hold U+0004, nor
     * end with a digit.
     */
    Result run(String... arguments) {
        try {
            CompletableFuture<String> err = CompletableFuture.supplyAsync(() -> untilEnd(host.getErrorStream()));
            host.getOutputStream().write((String.join(BETWEEN_ARGUMENTS, arguments).replace('\n', '\u001e')
                + "\n").getBytes(StandardCharsets.UTF_8));
            host.getOutputStream().flush();
            String out = untilEnd(host.getInputStream());
            int codeAt = out.length();
            while (codeAt > 0 && Character.isDigit(out.charAt(codeAt - 1)) && out.length() - codeAt < 3) {
                codeAt--;
            }
            return new Result(Integer.parseInt(out.substring(codeAt)), out.substring(0, codeAt),
                JVMS_OWN.matcher(err.join()).replaceAll(""));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String untilEnd(InputStream in) {
        try {
            java.io.ByteArrayOutputStream bytes = new java.io.ByteArrayOutputStream();
            for (int b = in.read(); b != END; b = in.read()) {
                if (b < 0) {
                    throw new IllegalStateException("the JVM ended after: " + bytes.toString(StandardCharsets.UTF_8));
                }
                bytes.write(b);
            }
            return bytes.toString(StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * A JVM of its own that is not started yet, with output and errors in one stream. SIGINT, SIGTERM and SIGHUP get their default action
     * again, if {@code env} can do this. A process that a script starts in the background ignores SIGINT, and so would all its children,
     * JVMs among them.
     */
    ProcessBuilder process(List<String> javaOptions, String... arguments) {
        ProcessBuilder builder = builder(directory, javaOptions, Main.class, arguments).redirectErrorStream(true);
        if (SIGNALS_CAN_BE_RESET) {
            builder.command().addAll(0, RESET_SIGNALS);
        }
        return builder;
    }

    private static boolean succeeds(List<String> command, String last) {
        try {
            List<String> all = new ArrayList<>(command);
            all.add(last);
            return new ProcessBuilder(all).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor() == 0;
        } catch (IOException | InterruptedException e) {
            return false;   // this env lacks the option: the inherited actions stay
        }
    }

    /** Starts a process, waits for its end, and returns its exit code and its output. */
    static Result finish(ProcessBuilder builder) throws Exception {
        Process process = builder.start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Result(exitOf(process), out, "");
    }

    static int exitOf(Process process) throws InterruptedException {
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("the process did not end");
        }
        return process.exitValue();
    }

    private static ProcessBuilder builder(Path directory, List<String> javaOptions, Class<?> main, String... arguments) {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xshare:auto",
            "-XX:TieredStopAtLevel=1", "-Xmx512m", "-XX:ErrorFile=" + directory.resolve("hs_err.log"), "-cp",
                System.getProperty("java.class.path")));
        command.addAll(javaOptions);
        command.add(main.getName());
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
        builder.environment().putAll(LauncherSettings.all());
        builder.environment().put("OMP_NUM_THREADS", "1");
        return builder;
    }

    Path directory() {
        return directory;
    }

    Path write(String name, String content) throws IOException {
        Path file = directory.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, content);
    }

    String read(String name) throws IOException {
        return Files.readString(directory.resolve(name));
    }

    @Override
    public void close() throws Exception {
        host.getOutputStream().close();
        exitOf(host);
    }
}
