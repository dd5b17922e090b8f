package inkling.cli.view;

import inkling.cli.terminal.CommandEnvironment;
import inkling.cli.terminal.Console;
import inkling.cli.terminal.Json;
import inkling.data.chat.ChatFormat;
import inkling.data.chat.TemplatedChat;
import inkling.errors.ConfigException;
import inkling.errors.ModelFormatException;
import inkling.errors.Printable;
import inkling.formats.ChatTemplate;
import inkling.formats.ModelDirectory;
import inkling.run.ModelLocation;
import inkling.template.Rendering;
import inkling.template.Template;
import inkling.tokenizer.SpecialIds;
import inkling.tokenizer.Tokenizer;
import inkling.tokenizer.bpe.BpeTokenizer;
import inkling.tokenizer.bpe.TokenizerSettings;
import inkling.tokenizer.huggingface.TokenizerFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tokenize MODEL --text T} and {@code tokenize MODEL --messages FILE}. */
@Command(name = "tokenize", description = "Show the tokens of a text, or of a conversation as the model's chat template writes it.",
    footer = {"", "Examples:", "  inkling tokenize gpt2 --text \"Hello, world!\"",
        "  inkling tokenize checkpoints/assistant --messages talk.json"})
public final class TokenizeCommand implements Callable<Integer> {
    @Parameters(paramLabel = "MODEL|TOKENIZER", description = "a model, a directory with tokenizer files, a tokenizer.json, or gpt2")
    String subject;

    @ArgGroup(multiplicity = "1")
    Source source;

    /** What to tokenize. */
    static final class Source {
        @Option(names = "--text", paramLabel = "T", description = "the text")
        String text;

        @Option(names = "--messages", paramLabel = "FILE",
            description = {"a JSON object with a conversation: its key \"messages\" has the list of messages, other keys have the"
            + " other variables of the chat template (add_generation_prompt, tools …)",
            "its key \"now\" may have a date, e.g. 2024-07-26; the template then takes that date as today's"})
        Path messages;
    }

    @Option(names = "--plain", description =
        "read special tokens in the text as ordinary characters, and do not add the tokens that begin a text")
    boolean plain;

    @Option(names = "--json", description = "one JSON document on standard output")
    boolean json;

    /** A tokenizer, and the directory of its files or of its model; no directory for {@code gpt2}. */
    private record Subject(Tokenizer tokenizer, Optional<Path> directory) {
        Optional<String> template() {
            return directory.flatMap(own -> ChatTemplate.read(own).text().or(() -> ChatTemplate.read(ModelDirectory.base(own)).text()));
        }

        /** The named special tokens, e.g. {@code bos_token}, from the tokenizer or from the files beside it. */
        Map<String, String> tokens() {
            Map<String, String> own = tokenizer.namedTokens();
            return own.isEmpty() ? directory.map(TokenizerSettings::read).orElse(TokenizerSettings.NONE).named() : own;
        }

        /**
         * The ids that begin and end a text. They come from the tokenizer alone if there is no directory, or if the directory holds no
         * model that can be read here.
         */
        SpecialIds special() {
            try {
                return directory.map(ModelDirectory::generation).map(named -> named.special(Optional.of(tokenizer)))
                    .orElseGet(() -> SpecialIds.of(tokenizer));
            } catch (ModelFormatException e) {
                return SpecialIds.of(tokenizer);
            }
        }
    }

    /** A text and its ids; no ids if the vocabulary lacks characters of the text. */
    private record Shown(String text, Optional<int[]> ids) {}

    @Override
    public Integer call() {
        Subject found = subject();
        Tokenizer tokenizer = found.tokenizer;
        Shown shown = source.text != null ? new Shown(source.text, Optional.of(plain ? tokenizer.encodePlain(source.text)
            : SpecialIds.of(tokenizer).withBeginning(tokenizer.encode(source.text)))) : conversation(found);
        print(shown, tokenizer);
        return 0;
    }

    private Shown conversation(Subject found) {
        ConversationFile file = ConversationFile.read(source.messages);
        Optional<String> template = found.template();
        if (template.isEmpty()) {
            Console.err().println("the model has no chat template: this is Inkling's own form");
        }
        ChatFormat.Choice choice = ChatFormat.choose(found.tokenizer, found.special(), template, file.now());
        if (choice.format().isOwn() && choice.remark().isEmpty()) { // a remark: chat cannot use the model's template; it is shown below
            return ownForm(file, found.tokenizer, choice.format());
        }
        TemplatedChat chat = new TemplatedChat(Template.parse("chat_template", template.get()), found.tokenizer,
            found.tokens(), file.now());
        Rendering rendering = chat.render(file.variables());
        List<String> lacking = chat.lacking(rendering);
        if (!lacking.isEmpty()) {
            Console.err().println(("the vocabulary lacks %s: shown as ordinary "
                + "text").formatted(Printable.escape(String.join(", ", lacking))));
        }
        return shown(rendering.text(), () -> plain ? found.tokenizer.encodePlain(rendering.text()) : chat.encode(rendering));
    }

    /** A text with its ids; without ids, and with a remark, if the vocabulary lacks characters of the text. */
    private static Shown shown(String text, Supplier<int[]> ids) {
        try {
            return new Shown(text, Optional.of(ids.get()));
        } catch (ConfigException e) {
            Console.err().println(e.getMessage());
            return new Shown(text, Optional.empty());
        }
    }

    private Shown ownForm(ConversationFile file, Tokenizer tokenizer, ChatFormat own) {
        int[] ids = file.beginsAnswer() ? own.prompt(file.messages()) : own.encode(file.messages()).ids();
        StringBuilder text = new StringBuilder();
        int from = 0;
        for (int i = 0; i <= ids.length; i++) {
            if (i == ids.length || tokenizer.bytes(ids[i]).length == 0) {
                text.append(tokenizer.decode(Arrays.copyOfRange(ids, from, i))).append(i == ids.length ? "" : tokenizer.token(ids[i]));
                from = i + 1;
            }
        }
        return shown(text.toString(), () -> plain ? tokenizer.encodePlain(text.toString()) : ids);
    }

    private void print(Shown shown, Tokenizer tokenizer) {
        int[] ids = shown.ids.orElse(new int[0]);
        List<String> tokens = Arrays.stream(ids).mapToObj(tokenizer::token).toList();
        List<String> pieces = Arrays.stream(ids).mapToObj(id -> tokenizer.piece(id)).toList();
        if (json) {
            Map<String, Object> document = new LinkedHashMap<>();
            if (source.messages != null) {
                document.put("text", shown.text);
            }
            document.put("ids", shown.ids.orElse(null));
            document.put("tokens", shown.ids.map(present -> tokens).orElse(null));
            document.put("pieces", shown.ids.map(present -> pieces).orElse(null));
            Json.print(document);
            return;
        }
        if (source.messages != null) {
            Console.out().println(Printable.text(shown.text));
            Console.out().println();
        }
        for (int i = 0; i < ids.length; i++) {
            Console.out().printf("%7d  %s%n", ids[i], pieces.get(i));
        }
        Console.out().println(Printable.counted(ids.length, "token") + ", "
            + Printable.counted(shown.text.codePointCount(0, shown.text.length()), "character"));
    }

    private Subject subject() {
        Path path = Path.of(subject);
        if (subject.equals("gpt2") && !Files.exists(path)) {
            return new Subject(BpeTokenizer.gpt2(), Optional.empty());
        }
        if (Files.isRegularFile(path) && subject.endsWith(".json")) {
            return new Subject(TokenizerFiles.read(path), Optional.of(path.toAbsolutePath().getParent()));
        }
        if (Files.isDirectory(path) && TokenizerFiles.find(path).isPresent()) {
            return new Subject(TokenizerFiles.find(path).get(), Optional.of(path));
        }
        Path directory = ModelLocation.find(subject, Optional.empty(), CommandEnvironment.RUNS).directory();
        Tokenizer tokenizer = TokenizerFiles.find(directory).or(() -> TokenizerFiles.find(ModelDirectory.base(directory)))
            .orElseThrow(() -> new ModelFormatException(
                "%s has no tokenizer (tokenizer.json, or vocab.json and merges.txt).".formatted(directory)));
        return new Subject(tokenizer, Optional.of(directory));
    }
}
