package inkling.cli.view;

import inkling.cli.option.ModelOptions;
import inkling.cli.option.PromptOptions;
import inkling.errors.ConfigException;
import inkling.inspect.ForwardTrace;
import inkling.inspect.WordTrace;
import inkling.inspect.page.WordTracePage;
import inkling.run.LoadedModel;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code trace MODEL --word W --in A --in B}. */
@Command(name = "trace", description = "How the vectors of one word in two contexts diverge, layer by layer.",
    footer = {"", "Example:",
        "  inkling trace checkpoints/dickens --word hand --in \"He took her by the hand\" --in \"On the other hand\""})
public final class TraceCommand implements Callable<Integer> {
    @Mixin
    ModelOptions model;

    @Option(names = "--word", paramLabel = "W", required = true, description = "the word to follow, at its last occurrence in each context")
    String word;

    @Option(names = "--in", paramLabel = "CONTEXT", required = true, description = "a text that has the word; give two")
    List<String> contexts;

    @Mixin
    ViewOutput output;

    @Override
    public Integer call() {
        if (contexts.size() != 2) {
            throw new ConfigException("trace compares two contexts, not %d: give --in TEXT twice.".formatted(contexts.size()));
        }
        try (LoadedModel loaded = model.open()) {
            WordTrace trace = WordTrace.of(word, place(loaded, contexts.get(0)), place(loaded, contexts.get(1)));
            return output.show(() -> WordTracePage.html(model.name(), trace), trace::json, trace::text);
        }
    }

    private WordTrace.Occurrence place(LoadedModel loaded, String text) {
        ForwardTrace trace = ForwardTrace.of(loaded.gpt(), loaded.manager(), loaded.tokenText(), PromptOptions.ids(loaded, text));
        return WordTrace.find(word, text, trace, loaded.requireTokenizer("trace"));
    }
}
