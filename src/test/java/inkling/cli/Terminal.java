package inkling.cli;

import inkling.Fixtures;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A command in a pseudo-terminal, which {@code script} of util-linux makes; without it a test is skipped. */
final class Terminal implements AutoCloseable {
    private static final long LONGEST_WAIT_NANOS = 120_000_000_000L;

    private final Process process;
    private final StringBuilder printed = new StringBuilder();
    private int waitedTo;
    private boolean ended;

    private Terminal(Process process) {
        this.process = process;
        Thread reader = new Thread(this::read, "terminal");
        reader.setDaemon(true);
        reader.start();
    }

    /** Runs a command with its arguments in the shell's directory. */
    static Terminal of(Shell shell, String command, String argument, String... more) throws IOException {
        Fixtures.assume(Stream.of("/usr/bin/script", "/bin/script").anyMatch(path -> Files.isExecutable(Path.of(path))), "needs script(1)");
        List<String> words = new ArrayList<>(List.of(command, argument));
        words.addAll(List.of(more));
        ProcessBuilder builder = shell.process(List.of(), words.toArray(String[]::new));
        String line = builder.command().stream().map(word -> "'" + word.replace("'", "'\\''") + "'").collect(Collectors.joining(" "));
        // without exec, a shell would stand in between and print something at Ctrl-C
        builder.command(List.of("script", "-q", "-e", "-f", "-c", "exec " + line, "/dev/null"));
        builder.environment().put("TERM", "xterm");
        return new Terminal(builder.start());
    }

    private void read() {
        char[] some = new char[4096];
        try (Reader in = process.inputReader(StandardCharsets.UTF_8)) {
            for (int n = in.read(some); n >= 0; n = in.read(some)) {
                synchronized (printed) {
                    printed.append(some, 0, n);
                    printed.notifyAll();
                }
            }
        } catch (IOException e) {
            return;    // the program ended
        } finally {
            synchronized (printed) {
                ended = true;
                printed.notifyAll();
            }
        }
    }

    String printed() {
        synchronized (printed) {
            return printed.toString();
        }
    }

    void type(String keys) throws IOException {
        process.getOutputStream().write(keys.getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().flush();
    }

    /** Waits until {@code text} is printed behind the text that was waited for last. */
    void waitFor(String text) throws InterruptedException {
        waitUntil(text, () -> {
            int at = printed.indexOf(text, waitedTo);
            waitedTo = at < 0 ? waitedTo : at + text.length();
            return at >= 0;
        });
    }

    /** Waits until {@code characters} more were printed. */
    void waitForMore(int characters) throws InterruptedException {
        int before = printed().length();
        waitUntil(characters + " more characters", () -> printed.length() >= before + characters);
    }

    private interface Condition {
        boolean holds();
    }

    private void waitUntil(String what, Condition condition) throws InterruptedException {
        long end = System.nanoTime() + LONGEST_WAIT_NANOS;
        synchronized (printed) {
            while (!condition.holds()) {
                if (ended || System.nanoTime() > end) {
                    throw new AssertionError("waited for: " + what + "\nprinted: " + printed);
                }
                printed.wait(1_000);
            }
        }
    }

    /** Waits for the end of the program and returns its exit code. */
    int end() throws InterruptedException {
        return Shell.exitOf(process);
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }
}
