package inkling.cli.view;

import inkling.cli.option.ModelOptions;
import inkling.cli.option.PromptOptions;
import inkling.cli.terminal.Counts;
import inkling.inspect.Comparison;
import inkling.inspect.ForwardTrace;
import inkling.inspect.page.ComparisonPage;
import inkling.run.LoadedModel;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code compare MODEL --prompt A --with B}. */
@Command(name = "compare", description = "How a text in front of a prompt shifts the next token: both distributions, side by side.",
    footer = {"", "Example:", "  inkling compare checkpoints/dickens --prompt \"said the\" --with \"'My dear child,' \""})
public final class CompareCommand implements Callable<Integer> {
    @Mixin
    ModelOptions model;

    @Option(names = "--prompt", paramLabel = "A", required = true, description = "the prompt")
    String prompt;

    @Option(names = "--with", paramLabel = "B", required = true,
        description = "the text to put before the prompt, e.g. a system prompt; nothing is added between the two")
    String preamble;

    @Option(names = "--top", paramLabel = "N", defaultValue = "12", description = "tokens in each list; default ${DEFAULT-VALUE}")
    int top;

    @Mixin
    ViewOutput output;

    @Override
    public Integer call() {
        Counts.requireAtLeastOne("--top", top);
        try (LoadedModel loaded = model.open()) {
            Comparison comparison = Comparison.of(trace(loaded, prompt), trace(loaded, preamble + prompt), top);
            return output.show(() -> ComparisonPage.html(model.name(), prompt, preamble, comparison), comparison::json, comparison::text);
        }
    }

    private static ForwardTrace trace(LoadedModel loaded, String text) {
        return ForwardTrace.of(loaded.gpt(), loaded.manager(), loaded.tokenText(), PromptOptions.ids(loaded, text));
    }
}
