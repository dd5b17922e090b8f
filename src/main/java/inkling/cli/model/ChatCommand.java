package inkling.cli.model;

import inkling.cli.option.ModelOptions;
import inkling.cli.option.PrecisionOption;
import inkling.cli.option.SamplingOptionsMixin;
import inkling.cli.terminal.Console;
import inkling.cli.terminal.Messages;
import inkling.data.source.DataConfig;
import inkling.errors.ConfigException;
import inkling.errors.Printable;
import inkling.errors.StorageException;
import inkling.run.Chat;
import inkling.run.LoadedModel;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code chat MODEL}. */
@Command(name = "chat", description = {"Talk with a model. Ctrl-C stops an answer, Ctrl-D (the end of input) or /quit ends the"
    + " chat; a \\ at the end of a line begins another line of the same message. /help lists what else can be"
    + " typed: /system, /set, /save."},
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
    public Integer call() {
        try (LoadedModel loaded = model.open(precision.storage());
             Chat chat = new Chat(loaded, Optional.ofNullable(system), sampling.options());
             Messages messages = Messages.open(YOU, ChatCommands.NAMES)) {
            neverSawConversations(loaded).or(chat::remark).ifPresent(Console.err()::println);
            ChatCommands commands = new ChatCommands(chat);
            for (Optional<String> message = messages.next(); message.isPresent(); message = messages.next()) {
                String said = message.get();
                if (said.isBlank()) {
                    continue;
                }
                if (ChatCommands.isCommand(said)) {
                    if (!command(commands, said)) {
                        return 0;
                    }
                } else {
                    answer(chat, commands, said.startsWith("//") ? said.substring(1) : said, messages);
                }
            }
            return 0;
        }
    }

    /**
     * A line for the user if the model probably continues a message rather than answers it. This is so if it learned from texts. It is also
     * assumed of a model without a chat template if nothing says what it learned from.
     */
    private Optional<String> neverSawConversations(LoadedModel loaded) {
        Optional<DataConfig.Format> learned = loaded.dataFormat();
        boolean fromText = learned.filter(format -> !format.teachesAnswers()).isPresent();
        if (!fromText && (learned.isPresent() || loaded.chatTemplate().text().isPresent())) {
            return Optional.empty();
        }
        return Optional.of((fromText ? "%s learned from running text and never saw a conversation: it goes on with what you "
            + "write rather than"
            + " answer it." : "%s names no chat template, so it probably never saw a conversation: it may go on with what you write rather"
            + " than answer it.").formatted(model.name()) + " docs/fine-tuning.md, \"Conversations\", says how a model learns to answer.");
    }

    private static boolean command(ChatCommands commands, String said) {
        try {
            return commands.run(said);
        } catch (ConfigException | StorageException e) {
            Console.err().println(e.getMessage());
            return true;
        }
    }

    private static void answer(Chat chat, ChatCommands commands, String said, Messages messages) {
        try {
            String answer = chat.answer(said, text -> {
                Console.out().print(Printable.text(text));
                Console.out().flush();
            }, Console.err()::println, messages::interrupted);
            Console.out().println();
            if (!answer.isEmpty()) {   // an empty answer is not kept for /save; if the user stopped it, the chat dropped the message, too
                commands.remember(said, answer);
            }
            if (messages.interrupted()) {
                Console.err().println("(stopped)");
            }
        } catch (ConfigException e) { // this message cannot be answered; the next may be
            Console.err().println(e.getMessage());
        }
    }
}
