package inkling.cli.view;

import inkling.cli.option.ModelOptions;
import inkling.cli.option.PromptOptions;
import inkling.inspect.AttentionMap;
import inkling.inspect.ForwardTrace;
import inkling.inspect.page.AttentionPage;
import inkling.run.LoadedModel;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code attention MODEL --prompt T}. */
@Command(name = "attention", description = "Who looks at whom: every head's attention over a prompt.",
    footer = {"", "Examples:", "  inkling attention checkpoints/dickens --prompt \"the old man and the child\" --layer 1 --head 1",
        "  inkling attention checkpoints/dickens --prompt \"the old man and the child\" --html attention.html"})
public final class AttentionCommand implements Callable<Integer> {
    @Mixin
    ModelOptions model;

    @ArgGroup(exclusive = true, multiplicity = "1")
    PromptOptions prompt;

    @Option(names = "--layer", paramLabel = "L", description = "draw the heads of this layer, counted from 1;"
        + " --html and --json always have all layers")
    Integer layer;

    @Option(names = "--head", paramLabel = "H", description = "draw this head, counted from 1")
    Integer head;

    @Mixin
    ViewOutput output;

    @Override
    public Integer call() {
        try (LoadedModel loaded = model.open()) {
            AttentionMap map = AttentionMap.of(ForwardTrace.of(loaded.gpt(), loaded.manager(), loaded.tokenText(), prompt.ids(loaded)));
            String text = map.text(optional(layer), optional(head));
            return output.show(() -> AttentionPage.html(model.name(), map, optional(layer), optional(head)), map::json, () -> text);
        }
    }

    private static OptionalInt optional(Integer value) {
        return value == null ? OptionalInt.empty() : OptionalInt.of(value);
    }
}
