package inkling.cli.model;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.cli.terminal.Console;
import inkling.data.chat.ChatFormat.Message;
import inkling.data.chat.ChatFormat.Role;
import inkling.errors.ConfigException;
import inkling.errors.DidYouMean;
import inkling.errors.Printable;
import inkling.generate.SamplingField;
import inkling.generate.SamplingOptions;
import inkling.io.DurableFiles;
import inkling.run.Chat;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.stream.Collectors;

/** Commands typed into a chat, with a slash in front: they change its settings, save it or end it. The model does not read them. */
final class ChatCommands {
    static final List<String> NAMES = List.of("/help", "/system", "/set", "/save", "/quit");

    private static final String HELP = """
        /system TEXT      tell the model TEXT before the conversation; /system alone shows it, /system none takes it away
        /set KEY=VALUE    change how answers are drawn; /set alone shows all settings
        /save FILE        write the conversation as a line that training reads (data.format: messages)
        /quit             end, as Ctrl-D does; Ctrl-C stops an answer
        A \\ at the end of a line, or Alt-Enter, begins another line of the same message. //TEXT says /TEXT to the model.""";
    private static final Map<String, BiFunction<SamplingOptions, String, SamplingOptions>> SETTINGS = new LinkedHashMap<>();

    static {
        for (SamplingField field : SamplingField.values()) {
            SETTINGS.put(field.key(), (options, value) -> field.with(options, field.parse(value)));
        }
        SETTINGS.put("max_tokens", (o, v) -> o.withMaxTokens(Integer.parseInt(v)));
        SETTINGS.put("seed", (o, v) -> o.withSeed(Long.parseLong(v)));
    }

    private final Chat chat;
    private final List<Message> conversation = new ArrayList<>();   // all answered turns, also those that no longer fit into the context

    ChatCommands(Chat chat) {
        this.chat = chat;
    }

    static boolean isCommand(String line) {
        return line.startsWith("/") && !line.startsWith("//");
    }

    /** Remembers a message and its answer, for /save. */
    void remember(String message, String answer) {
        conversation.add(new Message(Role.USER, message));
        conversation.add(new Message(Role.ASSISTANT, answer));
    }

    /**
     * Runs a command, e.g. {@code /set temperature=0.5}.
     *
     * @return whether the chat goes on
     * @throws ConfigException for an unknown command or setting, for a value out of bounds, and for a {@code /save} that names no file, an
     *     impossible one, or one that exists, or that comes before the first answer
     * @throws inkling.errors.StorageException if the conversation cannot be written
     */
    boolean run(String line) {
        String[] words = line.strip().split("\\s+", 2);
        String rest = words.length == 2 ? words[1] : "";
        switch (words[0]) {
            case "/help" -> Console.err().println(HELP);
            case "/system" -> system(rest);
            case "/set" -> set(rest);
            case "/save" -> save(rest);
            case "/quit" -> {
                return false;
            }
            default -> throw new ConfigException("%s is none of %s.%s To say it to the model, write two slashes."
                .formatted(Printable.escape(words[0]), String.join(", ", NAMES), DidYouMean.hint(words[0], NAMES)));
        }
        return true;
    }

    private void system(String text) {
        if (!text.isEmpty()) {
            chat.system(text.equals("none") ? Optional.empty() : Optional.of(text));
        }
        Console.err().println(chat.system().map(told -> "The model is told: " + Printable.text(told))
            .orElse("The model is told nothing before the conversation."));
    }

    private void set(String setting) {
        if (!setting.isEmpty()) {
            String[] parts = setting.split("\\s*=\\s*|\\s+", 2);
            if (!SETTINGS.containsKey(parts[0]) || parts.length < 2) {
                throw new ConfigException("/set KEY=VALUE, where KEY is one of %s.%s".formatted(String.join(", ", SETTINGS.keySet()),
                    DidYouMean.hint(parts[0], SETTINGS.keySet())));
            }
            try {
                chat.use(SETTINGS.get(parts[0]).apply(chat.options(), parts[1].strip()));
            } catch (NumberFormatException e) {
                throw new ConfigException("%2$s is not a possible number for %1$s.".formatted(parts[0], Printable.escape(parts[1])), e);
            }
        }
        SamplingOptions now = chat.options();
        String shaping = Arrays.stream(SamplingField.values()).map(field -> field.key() + "=" + field.text(field.of(now)))
            .collect(Collectors.joining(" "));
        Console.err().println("%s max_tokens=%d seed=%d".formatted(shaping, now.maxTokens(), now.seed()));
    }

    private void save(String name) {
        if (name.isEmpty() || conversation.isEmpty()) {
            throw new ConfigException(name.isEmpty() ? "/save FILE: name the file to write." : "Nothing was said yet.");
        }
        Path file = path(name.strip());
        if (Files.exists(file)) {
            throw new ConfigException("%s exists already, and nothing is written over: name another file.".formatted(file));
        }
        List<Message> all = new ArrayList<>(conversation);
        chat.system().ifPresent(told -> all.add(0, new Message(Role.SYSTEM, told)));
        ObjectNode line = JsonNodeFactory.instance.objectNode();
        ArrayNode messages = line.putArray("messages");
        all.forEach(message -> messages.addObject().put("role", message.role().word())
            .put("content", message.content()));
        DurableFiles.SYSTEM.write(file, (line + "\n").getBytes(StandardCharsets.UTF_8));
        Console.err().println("written: " + file);
    }

    private static Path path(String name) {
        try {
            return Path.of(name);
        } catch (InvalidPathException e) {
            throw new ConfigException("%s is not a valid path on this system: %s. Choose another name."
                .formatted(Printable.escape(name), e.getReason()), e);
        }
    }
}
