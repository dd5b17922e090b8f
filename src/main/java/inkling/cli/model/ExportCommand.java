package inkling.cli.model;

import inkling.cli.option.ModelOptions;
import inkling.cli.terminal.Console;
import inkling.formats.HuggingFaceExport;
import inkling.run.LoadedModel;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code export MODEL --to DIR}. */
@Command(name = "export", description = "Write a model as a directory that Hugging Face's Transformers loads as it is.",
    footer = {"", "Example:", "  inkling export checkpoints/dickens --to dickens-hf"})
public final class ExportCommand implements Callable<Integer> {
    @Mixin
    ModelOptions model;

    @Option(names = "--to", paramLabel = "DIR", required = true, description = "a directory that is not there yet")
    Path to;

    @Override
    public Integer call() {
        try (LoadedModel loaded = model.open()) {
            String type = HuggingFaceExport.write(loaded.gpt(), loaded.beside(), to);
            if (loaded.tokenizer().isEmpty()) {
                Console.err().println("%s has no tokenizer, so %s has none either.".formatted(loaded.directory(), to));
            }
            Console.out().println("%s: %,d parameters as %s".formatted(to, loaded.gpt().parameters().count(), type));
            return 0;
        }
    }
}
