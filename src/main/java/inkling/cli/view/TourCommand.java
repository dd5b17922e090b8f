package inkling.cli.view;

import inkling.cli.option.ModelOptions;
import inkling.cli.option.PageOption;
import inkling.cli.option.PromptOptions;
import inkling.run.LoadedModel;
import inkling.run.ModelTour;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tour MODEL --prompt T --out FILE}. */
@Command(name = "tour", description = "One page that follows a prompt through the whole model, from text to the next word.",
    footer = {"", "Example:", "  inkling tour checkpoints/dickens --prompt \"The old man looked at the\" --out tour.html"})
public final class TourCommand implements Callable<Integer> {
    @Mixin
    ModelOptions model;

    @ArgGroup(exclusive = true, multiplicity = "1")
    PromptOptions prompt;

    @Option(names = {"--out", "--html"}, paramLabel = "FILE", required = true, description = "the page to write")
    Path out;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "1",
        description = "seed of the continuation at the end; default ${DEFAULT-VALUE}")
    long seed;

    @Override
    public Integer call() {
        try (LoadedModel loaded = model.open()) {
            PageOption.write(out, ModelTour.html(model.name(), loaded, prompt.ids(loaded), seed));
            return 0;
        }
    }
}
