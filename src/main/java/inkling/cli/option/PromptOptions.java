package inkling.cli.option;

import inkling.errors.ConfigException;
import inkling.errors.FileFaults;
import inkling.errors.ModelFormatException;
import inkling.run.LoadedModel;
import inkling.tokenizer.SpecialIds;
import inkling.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The options that give a prompt; a command line has exactly one of them. A prompt is used unchanged: line ends stay as they are. */
public final class PromptOptions {
    @Option(names = "--prompt", paramLabel = "TEXT", description = "the text that the model reads")
    String prompt;

    @Option(names = "--prompt-file", paramLabel = "FILE|-", description = "the same, from a file or standard input")
    String file;

    @Option(names = "--prompt-ids", paramLabel = "2,0,1", description = "the same, as token ids; for models without a tokenizer too")
    String promptIds;

    /** The ids of {@code --prompt-ids}; empty if another option gives the prompt. */
    public Optional<int[]> ids() {
        if (promptIds == null) {
            return Optional.empty();
        }
        if (!promptIds.matches("\\s*[0-9]{1,9}(\\s*,\\s*[0-9]{1,9})*\\s*")) {
            throw new ConfigException("--prompt-ids %s: write ids from 0 up, separated by commas, e.g. 2,0,1.".formatted(promptIds));
        }
        return Optional.of(Arrays.stream(promptIds.split(",")).map(String::strip).mapToInt(Integer::parseInt).toArray());
    }

    /**
     * The ids of the prompt: those of {@code --prompt-ids}, or {@link #ids(LoadedModel, String)} of its text.
     *
     * @throws ConfigException if {@code --prompt-ids} is no list of ids, if the file is missing or not UTF-8, or if the prompt is empty and
     *     the vocabulary has no id that begins a text
     * @throws ModelFormatException if the prompt is text, and the model has no tokenizer
     */
    public int[] ids(LoadedModel model) {
        if (promptIds != null) {
            return ids().orElseThrow();
        }
        return ids(model, text());
    }

    /**
     * The ids of {@code text} as a prompt: the ids that the tokenizer puts before every text, if any, then those of the text. If there are
     * neither, the prompt is the one id that begins a text, e.g. {@code <|endoftext|>}.
     *
     * @throws ConfigException if there are no ids, and the vocabulary has no id that begins a text
     * @throws ModelFormatException if the model has no tokenizer
     */
    public static int[] ids(LoadedModel model, String text) {
        Tokenizer tokenizer = model.requireTokenizer("a prompt of text");
        SpecialIds special = model.specialIds();
        int[] ids = special.withBeginning(tokenizer.encode(text));
        if (ids.length > 0) {
            return ids;
        }
        return new int[] {special.start().orElseThrow(() -> new ConfigException("The prompt is empty, and this vocabulary has no"
            + " <|endoftext|> to start from: give at least one character, e.g. --prompt \"The\"."))};
    }

    /** The prompt as text; not with {@code --prompt-ids}. A file or standard input is read once, however often this is called. */
    public String text() {
        if (prompt == null) {
            prompt = read();
        }
        return prompt;
    }

    private String read() {
        try {
            return file.equals("-") ? decode("standard input", System.in.readAllBytes()) : decode(file, Files.readAllBytes(existing()));
        } catch (IOException e) {
            throw FileFaults.cannot("read", Path.of(file.equals("-") ? "standard input" : file), e);
        }
    }

    private Path existing() {
        Path path = Path.of(file);
        FileFaults.notRegular(path).ifPresent(why -> {
            throw new ConfigException("--prompt-file %s %s.".formatted(file, why));
        });
        return path;
    }

    private static String decode(String source, byte[] bytes) {
        ByteBuffer input = ByteBuffer.wrap(bytes);
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(input).toString();
        } catch (CharacterCodingException e) {
            throw new ConfigException("--prompt-file: %s is not UTF-8: byte %d is wrong.".formatted(source, input.position()), e);
        }
    }
}
