package inkling.cli.view;

import inkling.cli.terminal.CommandEnvironment;
import inkling.cli.terminal.Console;
import inkling.cli.terminal.Json;
import inkling.errors.ModelFormatException;
import inkling.formats.ModelDirectory;
import inkling.run.ModelLocation;
import inkling.tokenizer.SpecialIds;
import inkling.tokenizer.Tokenizer;
import inkling.tokenizer.bpe.BpeTokenizer;
import inkling.tokenizer.huggingface.TokenizerFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tokenize MODEL --text T}. */
@Command(name = "tokenize", description = "Show the tokens of a text.",
    footer = {"", "Example:", "  inkling tokenize gpt2 --text \"Hello, world!\""})
public final class TokenizeCommand implements Callable<Integer> {
    @Parameters(paramLabel = "MODEL|TOKENIZER", description = "a model, a directory with tokenizer files, a tokenizer.json, or gpt2")
    String subject;

    @Option(names = "--text", paramLabel = "T", required = true, description = "the text")
    String text;

    @Option(names = "--plain", description = "read special tokens in the text as ordinary characters, and do not add the tokens that belong before a text")
    boolean plain;

    @Option(names = "--json", description = "one JSON document on standard output")
    boolean json;

    @Override
    public Integer call() {
        Tokenizer tokenizer = tokenizer();
        int[] ids = plain ? tokenizer.encodePlain(text) : SpecialIds.of(tokenizer).begun(tokenizer.encode(text));
        List<String> tokens = Arrays.stream(ids).mapToObj(tokenizer::token).toList();
        List<String> pieces = Arrays.stream(ids).mapToObj(id -> tokenizer.piece(id)).toList();
        if (json) {
            Map<String, Object> document = new LinkedHashMap<>();
            document.put("ids", ids);
            document.put("tokens", tokens);
            document.put("pieces", pieces);
            Json.print(document);
        } else {
            for (int i = 0; i < ids.length; i++) {
                Console.out().printf("%7d  %s%n", ids[i], pieces.get(i));
            }
            Console.out().printf("%d tokens, %d characters%n", ids.length, text.codePointCount(0, text.length()));
        }
        return 0;
    }

    private Tokenizer tokenizer() {
        Path path = Path.of(subject);
        if (subject.equals("gpt2") && !Files.exists(path)) {
            return BpeTokenizer.gpt2();
        }
        if (Files.isRegularFile(path) && subject.endsWith(".json")) {
            return TokenizerFiles.read(path);
        }
        if (Files.isDirectory(path) && TokenizerFiles.find(path).isPresent()) {
            return TokenizerFiles.find(path).get();
        }
        Path directory = ModelLocation.find(subject, Optional.empty(), CommandEnvironment.RUNS).directory();
        return TokenizerFiles.find(directory).or(() -> TokenizerFiles.find(ModelDirectory.base(directory)))
            .orElseThrow(() -> new ModelFormatException(
                "%s has no tokenizer (tokenizer.json, or vocab.json and merges.txt).".formatted(directory)));
    }
}
