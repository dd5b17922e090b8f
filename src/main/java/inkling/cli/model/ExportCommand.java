package inkling.cli.model;

import inkling.cli.option.ModelOptions;
import inkling.cli.terminal.Console;
import inkling.formats.GgufExport;
import inkling.formats.HuggingFaceExport;
import inkling.errors.ConfigException;
import inkling.io.gguf.GgufType;
import inkling.run.LoadedModel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code export MODEL --to DIR}, and {@code --to FILE --format gguf}. */
@Command(name = "export", description = "Write a model for other programs: a directory that Hugging Face's Transformers loads as it is,"
    + " or a GGUF file for llama.cpp, Ollama and LM Studio.",
    footer = {"", "Examples:", "  inkling export checkpoints/dickens --to dickens-hf",
        "  inkling export checkpoints/dickens --to dickens.gguf --format gguf --type q8_0"})
public final class ExportCommand implements Callable<Integer> {
    /** What is written. */
    enum Format { huggingface, gguf }

    @Mixin
    ModelOptions model;

    @Option(names = "--to", paramLabel = "PATH", required = true, description = "a directory, or a GGUF file, that is not there yet")
    Path to;

    @Option(names = "--format", paramLabel = "FORMAT", defaultValue = "huggingface",
        description = "huggingface or gguf; default ${DEFAULT-VALUE}")
    Format format;

    @Option(names = "--type", paramLabel = "TYPE", description = "of a GGUF file's matrices: f32, f16, bf16 or q8_0; default f16")
    String type;

    @Override
    public Integer call() {
        if (type != null && format != Format.gguf) {
            throw new ConfigException("--type %s goes with --format gguf; Transformers' files are float32.".formatted(type));
        }
        GgufType asked = type();
        try (LoadedModel loaded = model.open()) {
            if (format == Format.gguf) {
                GgufExport.Written written = GgufExport.write(loaded.gpt(), loaded.beside(), to, asked);
                written.remarks().forEach(remark -> Console.err().println("note: " + remark + "."));
                Console.out().println("%s: %,d parameters as %s, %s; %s for Ollama".formatted(to, loaded.gpt().parameters().count(),
                    written.architecture(), asked.word(), written.modelfile()));
                return 0;
            }
            String family = HuggingFaceExport.write(loaded.gpt(), loaded.beside(), to);
            if (loaded.tokenizer().isEmpty()) {
                Console.err().println("%s has no tokenizer, so %s has none either.".formatted(loaded.directory(), to));
            }
            Console.out().println("%s: %,d parameters as %s".formatted(to, loaded.gpt().parameters().count(), family));
            return 0;
        }
    }

    private GgufType type() {
        String word = type == null ? "f16" : type;
        return Arrays.stream(GgufType.values()).filter(t -> t.word().equals(word)).findFirst().orElseThrow(() -> new ConfigException(
            "--type %s is none of %s.".formatted(word, Arrays.stream(GgufType.values()).map(GgufType::word).collect(Collectors.joining(", ")))));
    }
}
