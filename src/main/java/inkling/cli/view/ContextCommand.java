package inkling.cli.view;

import inkling.cli.option.ModelOptions;
import inkling.cli.terminal.Console;
import inkling.cli.terminal.Counts;
import inkling.data.source.Corpus;
import inkling.data.source.DataConfig;
import inkling.errors.ConfigException;
import inkling.inspect.ContextCurve;
import inkling.inspect.page.ContextPage;
import inkling.run.LoadedModel;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code context MODEL --data FILE}. */
@Command(name = "context", description = "What more context buys: loss against the number of tokens the model sees.",
    footer = {"", "Example:", "  inkling context checkpoints/dickens --data datasets/dickens/dickens.txt --html context.html"})
public final class ContextCommand implements Callable<Integer> {
    @Mixin
    ModelOptions model;

    @Option(names = "--data", paramLabel = "PATH", required = true, description = "a text file, a folder or a glob")
    String data;

    @Option(names = "--context", paramLabel = "N", description = "window length; default: the model's context")
    Integer context;

    @Option(names = "--windows", paramLabel = "N", defaultValue = "500",
        description = "how many windows to read at most, spread over the text; default ${DEFAULT-VALUE}")
    int windows;

    @Mixin
    ViewOutput output;

    @Override
    public Integer call() {
        Counts.requireAtLeastOne("--windows", windows);
        try (LoadedModel loaded = model.open()) {
            int longest = loaded.gpt().config().contextLength();
            if (context != null && (context < 1 || context > longest)) {
                throw new ConfigException("--context %d must be from 1 to %d.".formatted(context, longest));
            }
            Corpus corpus = Corpus.open(List.of(data), DataConfig.Format.TEXT);
            corpus.remarks().forEach(Console.err()::println);
            Optional<String> warning = loaded.learnedFrom(corpus);
            warning.ifPresent(Console.err()::println);
            ContextCurve curve = ContextCurve.of(loaded.gpt(), loaded.manager(),
                corpus.whole().tokens(loaded.requireTokenizer("context"), loaded.specialIds()),
                context == null ? longest : context, windows);
            return output.show(() -> ContextPage.html(model.name(), Path.of(data).getFileName().toString(), curve, warning), curve::json,
                curve::text);
        }
    }
}
