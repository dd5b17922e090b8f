package inkling.cli.model;

import inkling.cli.option.ModelOptions;
import inkling.cli.terminal.Console;
import inkling.errors.ConfigException;
import inkling.formats.HuggingFaceExport;
import inkling.model.Gpt;
import inkling.model.Lora;
import inkling.run.LoadedModel;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code merge MODEL --to DIR}. */
@Command(name = "merge", description = "Add a model's adapters to its weights: write a model without adapters that computes the same.",
    footer = {"", "Example:", "  inkling merge checkpoints/finetune-macbeth --to macbeth-merged"})
public final class MergeCommand implements Callable<Integer> {
    @Mixin
    ModelOptions model;

    @Option(names = "--to", paramLabel = "DIR", required = true, description = "a directory that does not exist yet")
    Path to;

    @Override
    public Integer call() {
        try (LoadedModel loaded = model.open()) {
            Lora lora = loaded.gpt().lora().orElseThrow(() -> new ConfigException(
                "%s has no adapters to merge: its weights are complete as they are. `export` writes them.".formatted(loaded.directory())));
            try (Gpt merged = lora.merged(loaded.gpt(), loaded.manager())) {
                String type = HuggingFaceExport.writeAny(merged, loaded.beside(), to);
                Console.out().println("%s: %,d parameters as %s".formatted(to, merged.parameters().count(), type));
            }
            return 0;
        }
    }
}
