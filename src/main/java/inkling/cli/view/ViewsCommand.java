package inkling.cli.view;

import inkling.cli.option.ModelOptions;
import inkling.cli.option.PromptOptions;
import inkling.cli.terminal.Console;
import inkling.errors.ConfigException;
import inkling.errors.Printable;
import inkling.inspect.page.IndexPage;
import inkling.io.Content;
import inkling.io.DurableFiles;
import inkling.run.LoadedModel;
import inkling.run.ModelViews;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code views MODEL --prompt T --out DIR}. */
@Command(name = "views", description = "All views of a model for one prompt, as pages with an index.",
    footer = {"", "Example:", "  inkling views checkpoints/dickens --prompt \"The old man looked at the child, and the child\" --out "
        + "dickens-views"})
public final class ViewsCommand implements Callable<Integer> {
    @Mixin
    ModelOptions model;

    @ArgGroup(exclusive = true, multiplicity = "1")
    PromptOptions prompt;

    @Option(names = "--data", paramLabel = "PATH",
        description = "a text for the page that shows the loss by context length; without --data, there is no such page")
    String data;

    @Option(names = "--out", paramLabel = "DIR", required = true, description = "a new folder for the pages; begin with its index.html")
    Path out;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "1", description = "seed of the sampled text; default ${DEFAULT-VALUE}")
    long seed;

    /** The folder appears with all its pages, or not at all. */
    @Override
    public Integer call() {
        if (Files.exists(out)) {
            throw new ConfigException("--out %s exists already, and nothing is written over: name another folder.".formatted(out));
        }
        try (LoadedModel loaded = model.open()) {
            ModelViews views = new ModelViews(model.given(), model.name(), loaded, prompt.ids(loaded), seed, Optional.ofNullable(data));
            List<ModelViews.View> all = views.all();
            Map<String, Content> pages = new LinkedHashMap<>();
            String index = IndexPage.html(model.name(), views.prompt(), all.stream().map(ModelViews.View::entry).toList());
            pages.put("index.html", Content.of(index.getBytes(StandardCharsets.UTF_8)));
            all.forEach(view -> view.html().ifPresent(html ->
                pages.put(view.entry().file(), Content.of(html.get().getBytes(StandardCharsets.UTF_8)))));
            DurableFiles.SYSTEM.writeUnlistedDirectory(out, pages);
            Console.err().println("written: %s and %s beside it".formatted(out.resolve("index.html"),
                Printable.counted(pages.size() - 1, "view")));
            return 0;
        }
    }
}
