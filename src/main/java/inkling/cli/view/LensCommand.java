package inkling.cli.view;

import inkling.cli.option.ModelOptions;
import inkling.cli.option.PromptOptions;
import inkling.cli.terminal.Counts;
import inkling.inspect.ForwardTrace;
import inkling.inspect.LogitLens;
import inkling.inspect.page.LensPage;
import inkling.run.LoadedModel;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code lens MODEL --prompt T}. */
@Command(name = "lens", description = "What each layer already knows: the next token that it would predict.",
    footer = {"", "Examples:", "  inkling lens checkpoints/dickens --prompt \"the old man and the child\"",
        "  inkling lens checkpoints/dickens --prompt \"the old man and the child\" --html lens.html"})
public final class LensCommand implements Callable<Integer> {
    @Mixin
    ModelOptions model;

    @ArgGroup(exclusive = true, multiplicity = "1")
    PromptOptions prompt;

    @Option(names = "--top", paramLabel = "N", defaultValue = "10",
        description = "how many of the likeliest tokens to give at each position"
        + " with --json and --html (the table shows one, and up to four after the last token); default ${DEFAULT-VALUE}")
    int top;

    @Mixin
    ViewOutput output;

    @Override
    public Integer call() {
        Counts.requireAtLeastOne("--top", top);
        try (LoadedModel loaded = model.open()) {
            ForwardTrace trace = ForwardTrace.of(loaded.gpt(), loaded.manager(), loaded.tokenText(), prompt.ids(loaded));
            LogitLens lens = LogitLens.of(trace, loaded.gpt(), loaded.manager(), top);
            return output.show(() -> LensPage.html(model.name(), lens), lens::json, lens::text);
        }
    }
}
