package inkling.cli.terminal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.Reference;
import org.jline.reader.UserInterruptException;
import org.jline.reader.impl.DefaultParser;
import org.jline.reader.impl.completer.StringsCompleter;
import org.jline.terminal.Size;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;

/** Messages from a terminal, with line editing and history. Alt-Enter begins a new line, and pasted text stays one message. */
final class TypedMessages implements Messages {
    private static final Size USUAL = new Size(80, 24);
    private static final String ALT_ENTER = "\033\r";

    private final String prompt;
    private final Terminal terminal;
    private final LineReader reader;
    private volatile boolean interrupted;

    TypedMessages(String prompt, Iterable<String> completions) {
        this.prompt = prompt;
        try {
            terminal = TerminalBuilder.builder().system(true).dumb(true).encoding(StandardCharsets.UTF_8).build();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (terminal.getWidth() == 0) {
            terminal.setSize(USUAL);                          // the terminal does not tell its size, and with width 0 nothing is shown
        }
        terminal.handle(Terminal.Signal.INT, signal -> interrupted = true);
        DefaultParser parser = new DefaultParser();
        parser.setQuoteChars(new char[0]);                    // a quote is a character like any other
        parser.setEofOnEscapedNewLine(true);
        reader = LineReaderBuilder.builder().terminal(terminal).parser(parser).completer(new StringsCompleter(completions))
            .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)             // "!" is a character, too
            .variable(LineReader.BELL_STYLE, "none")
            .variable(LineReader.SECONDARY_PROMPT_PATTERN, "%P   > ").build();
        reader.getWidgets().put("new-line", () -> {
            reader.getBuffer().write('\n');
            return true;
        });
        reader.getKeyMaps().get(LineReader.MAIN).bind(new Reference("new-line"), ALT_ENTER);
    }

    @Override
    public Optional<String> next() {
        while (true) {
            interrupted = false;
            try {
                return Optional.of(reader.readLine(prompt).replace("\\\n", "\n"));
            } catch (UserInterruptException e) {
                if (e.getPartialLine().isEmpty()) {
                    Console.err().println("Ctrl-D or /quit ends the chat.");
                }
            } catch (EndOfFileException e) {
                return Optional.empty();
            }
        }
    }

    @Override
    public boolean interrupted() {
        return interrupted;
    }

    @Override
    public void close() {
        try {
            terminal.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
