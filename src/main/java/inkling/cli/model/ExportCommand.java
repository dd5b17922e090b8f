package inkling.cli.model;

import inkling.cli.option.ModelOptions;
import inkling.cli.terminal.Console;
import inkling.errors.ConfigException;
import inkling.formats.GgufExport;
import inkling.formats.HuggingFaceExport;
import inkling.formats.ModelDirectory;
import inkling.io.gguf.GgufType;
import inkling.run.LoadedModel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code export MODEL --to DIR}, {@code --to FILE --format gguf}, and {@code --adapter --to DIR}. */
@Command(name = "export", description = "Write a model for other programs: a directory that Hugging Face's Transformers loads as it is,"
    + " a GGUF file for llama.cpp, Ollama and LM Studio, or its adapters alone for PEFT.",
    footer = {"", "Examples:", "  inkling export checkpoints/dickens --to dickens-hf",
        "  inkling export checkpoints/dickens --to dickens.gguf --format gguf --type q8_0",
        "  inkling export checkpoints/finetune-macbeth --adapter --to macbeth-adapter"})
public final class ExportCommand implements Callable<Integer> {
    private static final String HUGGING_FACE = "huggingface";
    private static final String GGUF = "gguf";

    @Mixin
    ModelOptions model;

    @Option(names = "--to", paramLabel = "PATH", required = true, description = "a directory or GGUF file that does not exist yet")
    Path to;

    @Option(names = "--format", paramLabel = "FORMAT", defaultValue = HUGGING_FACE,
        description = "huggingface or gguf; default ${DEFAULT-VALUE}")
    String format;

    @Option(names = "--type", paramLabel = "TYPE",
        description = "number format of a GGUF file's matrices: f32, f16, bf16 or q8_0; default f16")
    String type;

    @Option(names = "--adapter", description = "write the adapters alone, as PEFT does")
    boolean adapter;

    @Override
    public Integer call() {
        if (!format.equals(HUGGING_FACE) && !format.equals(GGUF)) {
            throw new ConfigException("--format %s is neither %s nor %s.".formatted(format, HUGGING_FACE, GGUF));
        }
        boolean gguf = format.equals(GGUF);
        if (type != null && !gguf) {
            throw new ConfigException("--type %s goes with --format gguf; Transformers' files are float32.".formatted(type));
        }
        if (adapter && gguf) {
            throw new ConfigException("--adapter goes with --format huggingface. For a GGUF file, write full weights with"
                + " `merge MODEL --to DIR`, then export those.");
        }
        GgufType matrices = type(type == null ? "f16" : type);
        try (LoadedModel loaded = model.open()) {
            Console.out().println(gguf ? gguf(loaded, matrices) : adapter ? adapter(loaded) : huggingFace(loaded));
            return 0;
        }
    }

    private String huggingFace(LoadedModel loaded) {
        String family = HuggingFaceExport.write(loaded.gpt(), loaded.beside(), to);
        if (loaded.tokenizer().isEmpty()) {
            Console.err().println("%s has no tokenizer, so %s has none either.".formatted(loaded.directory(), to));
        }
        return "%s: %,d parameters as %s".formatted(to, loaded.gpt().parameters().count(), family);
    }

    private String gguf(LoadedModel loaded, GgufType matrices) {
        GgufExport.Written written = GgufExport.write(loaded.gpt(), loaded.beside(), to, matrices);
        written.remarks().forEach(remark -> Console.err().println("note: " + remark + "."));
        return "%s: %,d parameters as %s, %s; %s for Ollama".formatted(to, loaded.gpt().parameters().count(), written.architecture(),
            matrices.word(), written.modelfile());
    }

    private String adapter(LoadedModel loaded) {
        HuggingFaceExport.Adapter written = HuggingFaceExport.writeAdapter(loaded.gpt(), loaded.beside(), loaded.directory(), to);
        if (!ModelDirectory.isComplete(Path.of(written.base()))) {
            Console.err().println(("note: the base, \"%s\", is no folder with a model here. Write its folder, or its name at Hugging Face,"
                + " as base_model_name_or_path into %s.").formatted(written.base(), to.resolve("adapter_config.json")));
        }
        return "%s: adapters of rank %d for %s, whose base is %s".formatted(to, loaded.gpt().lora().orElseThrow().config().rank(),
            written.family(), written.base().isEmpty() ? "not known" : written.base());
    }

    private static GgufType type(String word) {
        return Arrays.stream(GgufType.values()).filter(type -> type.word().equals(word)).findFirst().orElseThrow(() -> new ConfigException(
            "--type %s is none of %s.".formatted(word, Arrays.stream(GgufType.values()).map(GgufType::word)
                .collect(Collectors.joining(", ")))));
    }
}
