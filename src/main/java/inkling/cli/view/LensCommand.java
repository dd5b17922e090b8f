package inkling.cli.view;

import inkling.cli.option.ModelOptions;
import inkling.cli.option.PageOption;
import inkling.cli.option.PromptOptions;
import inkling.cli.terminal.Console;
import inkling.cli.terminal.Counts;
import inkling.cli.terminal.Json;
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
        description = "likeliest tokens at each position; default ${DEFAULT-VALUE}")
    int top;

    @Mixin
    PageOption page;

    @Option(names = "--json", description = "one JSON document on standard output")
    boolean json;

    @Override
    public Integer call() {
        Counts.requireAtLeastOne("--top", top);
        try (LoadedModel loaded = model.open()) {
            ForwardTrace trace = ForwardTrace.of(loaded.gpt(), loaded.manager(), loaded.tokenText(), prompt.ids(loaded));
            LogitLens lens = LogitLens.of(trace, loaded.gpt(), loaded.manager(), top);
            if (page.asked()) {
                page.write(LensPage.html(model.name(), lens));
            }
            if (json) {
                Json.print(lens.json());
            } else if (!page.asked()) {
                Console.out().print(lens.text());
            }
            return 0;
        }
    }
}
