package inkling.cli.model;

import inkling.cli.option.ModelOptions;
import inkling.cli.option.PrecisionOption;
import inkling.cli.option.SamplingOptionsMixin;
import inkling.cli.terminal.Console;
import inkling.errors.ConfigException;
import inkling.errors.Printable;
import inkling.run.Chat;
import inkling.run.LoadedModel;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code chat MODEL}. */
@Command(name = "chat", description = "Talk with a model, one line at a time. Ctrl-D (the end of input) ends the chat.",
    footer = {"", "Example:", "  inkling chat checkpoints/assistant --system \"You are brief.\""})
public final class ChatCommand implements Callable<Integer> {
    private static final String YOU = "you> ";

    @Mixin
    ModelOptions model;

    @Option(names = "--system", paramLabel = "TEXT", description = "what the model is told before the conversation")
    String system;

    @Mixin
    SamplingOptionsMixin sampling;

    @Mixin
    PrecisionOption precision;

    @Override
    public Integer call() throws IOException {
        try (LoadedModel loaded = model.open(precision.storage()); Chat chat = new Chat(loaded, Optional.ofNullable(system), sampling.options())) {
            chat.remark().ifPresent(Console.err()::println);
            BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            ask();
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (!line.isBlank()) {
                    answer(chat, line);
                }
                ask();
            }
            return 0;
        }
    }

    private static void answer(Chat chat, String line) {
        try {
            chat.answer(line, text -> {
                Console.out().print(Printable.text(text));
                Console.out().flush();
            }, Console.err()::println);
            Console.out().println();
        } catch (ConfigException e) { // this message cannot be answered; the next may be
            Console.err().println(e.getMessage());
        }
    }

    private static void ask() {
        if (Console.isTerminal()) {
            Console.err().print(YOU);
            Console.err().flush();
        }
    }
}
