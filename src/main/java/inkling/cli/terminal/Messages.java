package inkling.cli.terminal;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** The messages that a person types, one after the other. A backslash at the end of a line begins another line of the same message. */
public interface Messages extends AutoCloseable {
    /** Waits for the next message; empty at the end of input. */
    Optional<String> next();

    /** Whether Ctrl-C was pressed since {@link #next} returned; false if the messages are piped, since Ctrl-C then ends the program. */
    boolean interrupted();

    @Override
    void close();

    /**
     * Reads messages from a terminal, with line editing and history. If standard input or output is no terminal, reads lines of standard
     * input instead.
     *
     * @param prompt printed before each message, on a terminal
     * @param completions words that the Tab key completes, on a terminal
     */
    static Messages open(String prompt, Iterable<String> completions) {
        return Console.isTerminal() ? new TypedMessages(prompt, completions) : new Piped();
    }

    /** Lines of standard input, UTF-8. */
    final class Piped implements Messages {
        private final BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));

        @Override
        public Optional<String> next() {
            try {
                StringBuilder message = new StringBuilder();
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    if (!line.endsWith("\\")) {
                        return Optional.of(message.append(line).toString());
                    }
                    message.append(line, 0, line.length() - 1).append('\n');
                }
                return message.isEmpty() ? Optional.empty() : Optional.of(message.toString());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public boolean interrupted() {
            return false;
        }

        @Override
        public void close() {}
    }
}
